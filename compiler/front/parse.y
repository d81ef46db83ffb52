/* The grammar of NFL: structure only, no name of a header, event or type.
 *
 * The scanner delivers NL only between two items of a list, never before '}'
 * or the end, and after an error goes on at an NL or '}' of the list the
 * error is in; so `item: error` is all the recovery there is. A word after
 * '.' is always a NAME. */
%code requires {
#include "front/build.h"
}

%code {
#include "base/diag.h"
#include "front/recover.h"

#define NONE_GIVEN ((struct word){NULL, NULL})
#define YYMAXDEPTH 10000
}

%define api.pure full
%define api.prefix {nfl_yy}
%define api.token.prefix {T_}
%define api.location.type {struct loc}
%define api.value.type {union parse_value}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param {struct parse *p}

%code provides {
int nfl_yylex(NFL_YYSTYPE *val, struct loc *loc, struct parse *p);
void nfl_yyerror(struct loc *loc, struct parse *p, const char *why);
}

/* Reserved words. */
%token <word> USE "use" NF "nf" CHAIN "chain" HEADER "header"
    EVENT "event" ON "on" IF "if" ELSE "else" LET "let" OR "or" DROP "drop"
    IN "in" RETURN "return" MATCH "match" FOR "for"
/* Words that mean something at some places, and are names at all others. */
%token <word> FLOW "flow" SHARED "shared" SPLIT "split" ATOMIC "atomic"
    TYPE "type" ENUM "enum" EXTERN "extern" FN "fn" FROM "from" WITH "with"
    HAS "has" FIRST "first" AFTER "after" NEXT "next" AS "as" SIZE "size"
    END "end" VALID "valid" CHECKSUM "checksum" OVER "over"
    OPTIONAL "optional" PSEUDO "pseudo" NONE "none" RAISED "raised" BY "by"
    LIKE "like" EXITS "exits" GOTO "goto" EMIT "emit" TIMER "timer" WHEN "when"
    ASLEEP "asleep" TEST "test" NEW "new" STRUCT "struct"
/* Words at the begin of a line of a test; names everywhere else. */
%token <word> RUN "run" VERB "send"
%token <word> NAME "a name" STRING "a string"
%token <expr> LITERAL "a value"
%token YYEOF 0 "the end of the file" NL "a new line"
%token ARROW "->" BOTH "<->" DOTDOT ".." LAND "&&" LOR "||"
/* Operators of one precedence are one token; its value tells which. */
%token <op> REL "==" SHIFT "<<" SUM "'+'" PRODUCT "'*'" OP_SET "+="

%left LOR
%left LAND
%nonassoc REL IN
%nonassoc DOTDOT
%left '|'
%left '^'
%left '&'
%left SHIFT
%left SUM
%left PRODUCT '/'

%type <word> name word field_name reason storage cover opt_as c_word
%type <names> where asleep called names module covers marks binders binder_names opt_file c_file
%type <type> type basic_type opt_result
%type <types> types bracketed alternatives
%type <param> param
%type <params> params param_list opt_params members_of
%type <arg> arg
%type <args> args arg_list opt_args
%type <expr> period expr unary postfix primary set opt_if opt_like opt_default
%type <exprs> exprs tuple
%type <enumval> enumval
%type <enumvals> enumvals flags
%type <path> path event_path
%type <paths> paths
%type <after> after
%type <role> role
%type <roles> roles
%type <side> side
%type <use_nf> use_nf
%type <uses> use_nfs intents chain_body
%type <branch> branch else_branch
%type <branches> branches branch_list
%type <block> block opt_else opt_other
%type <stmt> stmt if drop match goto
%type <stmts> stmts
%type <arm> arm
%type <arms> arms
%type <alt> opt_or or
%type <yes> opt_flow opt_optional both
%type <expr> packet part cases
%type <item> item
%type <items> items

%%

file: %empty | decls { (void)yynerrs; } ;

decls: decl | decls NL decl ;

decl: use | type_decl | enum | struct | header | event | extern | nf | chain | fn
    | test
    | error { RESYNC(T_NL); } ;

use: USE module {
        struct ast_decl *d =
            decl_new(p, AD_USE, (struct word){$2.last->text, NULL}, @2, $1);
        d->path = $2;
    } ;

module: name { LIST_ONE(&$$, name_new(p, $1, @1)); }
    | module '.' NAME { $$ = $1; LIST_PUT(&$$, name_new(p, $3, @3)); } ;

/* ---- words and lists ---- */

name: word | HAS ;

word: NAME | FLOW | SHARED | SPLIT | ATOMIC | TYPE | ENUM | EXTERN | FN | FROM
    | WITH | FIRST | AFTER | NEXT | AS | SIZE | END | VALID | CHECKSUM
    | OVER | OPTIONAL | PSEUDO | NONE | RAISED | BY | LIKE | STRUCT
    | EMIT | TIMER | WHEN | ASLEEP | TEST | EXITS | GOTO | NEW ;

names: name { LIST_ONE(&$$, name_new(p, $1, @1)); }
    | names ',' name { $$ = $1; LIST_PUT(&$$, name_new(p, $3, @3)); } ;

opt_comma: %empty | ',' ;

opt_params: %empty { $$ = (ast_params){0}; }
    | '(' param_list ')' { $$ = $2; } ;

param_list: %empty { $$ = (ast_params){0}; }
    | params opt_comma ;

params: param { LIST_ONE(&$$, $1); }
    | params ',' param { $$ = $1; LIST_ADD(&$$, $3); } ;

param: name ':' type opt_default { $$ = param_new(p, $1, @1, $3, $4); } ;

opt_default: %empty { $$ = NULL; } | '=' expr { $$ = $2; } ;

arg_list: %empty { $$ = (ast_args){0}; } | args opt_comma ;

args: arg { LIST_ONE(&$$, $1); }
    | args ',' arg { $$ = $1; LIST_ADD(&$$, $3); } ;

arg: expr { $$ = arg_new(p, NONE_GIVEN, @1, $1); }
    | name '=' expr { $$ = arg_new(p, $1, @1, $3); } ;

exprs: expr { LIST_ONE(&$$, $1); }
    | exprs ',' expr { $$ = $1; LIST_ADD(&$$, $3); } ;

path: name { $$ = path_new(p, $1, @1); }
    | path '/' name { $$ = $1; path_add(p, $$, $3, @3); } ;

paths: path { LIST_ONE(&$$, $1); }
    | paths ',' path { $$ = $1; LIST_ADD(&$$, $3); } ;

opt_if: %empty { $$ = NULL; } | IF expr { $$ = $2; } ;

/* ---- types ---- */

type: basic_type
    | basic_type '?' { $$ = $1; $$->optional = true; $$->loc = @$; } ;

basic_type: name { $$ = type_new(p, AT_NAME, $1, @1); }
    | name '[' bracketed ']' opt_args { $$ = type_of(p, $1, @1, $3, $5, @$); }
    | name '(' arg_list ')' {
        $$ = type_new(p, AT_OBJECT, $1, @$);
        LIST_MOVE($$->args, $3);
    }
    | '(' types ')' {
        $$ = type_new(p, AT_TUPLE, NONE_GIVEN, @$);
        LIST_MOVE($$->parts, $2);
    } ;

bracketed: type { $$ = type_list($1, NULL); }
    | type ARROW type { $$ = type_list($1, $3); } ;

types: type ',' type { $$ = type_list($1, $3); }
    | types ',' type { $$ = $1; LIST_ADD(&$$, $3); } ;

type_decl: TYPE name '=' alternatives opt_like {
        struct ast_decl *d = decl_new(p, AD_TYPE, $2, @2, $1);
        if ($4.n == 1)
            d->type = $4.first;
        else
            LIST_MOVE(d->alts, $4);
        d->like = $5;
    } ;

alternatives: type { $$ = type_list($1, NULL); }
    | alternatives '|' type { $$ = $1; LIST_ADD(&$$, $3); } ;

opt_like: %empty { $$ = NULL; } | LIKE LITERAL { $$ = $2; } ;

enum: ENUM name ':' type '{' enumvals '}' {
        struct ast_decl *d = decl_new(p, AD_ENUM, $2, @2, $1);
        d->type = $4;
        d->values = $6;
        yyerrok;
    } ;

enumvals: enumval { LIST_ONE(&$$, $1); }
    | enumvals ',' enumval { $$ = $1; LIST_ADD(&$$, $3); }
    | enumvals ','
    | error { $$ = (ast_enumvals){0}; } ;

enumval: name '=' expr { $$ = enumval_new(p, $1, @1, $3); } ;

struct: STRUCT name '{' members_of '}' {
        decl_new(p, AD_STRUCT, $2, @2, $1)->params = $4;
        yyerrok;
    } ;

members_of: param { LIST_ONE(&$$, $1); }
    | members_of ',' param { $$ = $1; LIST_ADD(&$$, $3); }
    | members_of NL param { $$ = $1; LIST_ADD(&$$, $3); }
    | members_of ','
    | error { $$ = (ast_params){0}; } ;

/* ---- headers ---- */

header: header_head '{' '}' | header_head '{' header_lines '}'
    | header_after { p->decl->more = true; }
    ;

header_head: HEADER name FIRST {
        decl_new(p, AD_HEADER, $2, @2, $1)->first = true;
    }
    | header_after ;

header_after: HEADER name AFTER after {
        struct ast_decl *d = decl_new(p, AD_HEADER, $2, @2, $1);
        LIST_ADD(&d->after, $4);
    }
    | header_after ',' after { LIST_ADD(&p->decl->after, $3); } ;

after: name '(' exprs ')' { $$ = after_new(p, $1, @1, $3); }
    | name { $$ = after_new(p, $1, @1, (ast_exprs){0}); }
    ;

header_lines: header_line | header_lines NL header_line ;

header_line: field_name ':' type flags opt_default opt_if {
        struct ast_hline *l = hline_named(p, AH_FIELD, $1, @1, @1);
        l->type = $3;
        l->flags = $4;
        l->def = $5;
        l->expr = $6;
    }
    | NAME { hline_named(p, AH_MARK, $1, @1, @$); }
    | SIZE expr { hline_new(p, AH_SIZE, @$)->expr = $2; }
    | END expr opt_optional {
        struct ast_hline *l = hline_new(p, AH_END, @$);
        l->expr = $2;
        l->optional = $3;
    }
    | VALID expr { hline_new(p, AH_VALID, @$)->expr = $2; }
    | NEXT name opt_if { hline_named(p, AH_NEXT, $2, @2, @$)->expr = $3; }
    | NEXT name AS name opt_if {
        struct ast_hline *l = hline_named(p, AH_NEXT, $2, @2, @$);
        l->as = $4.text;
        l->as_loc = @4;
        l->expr = $5;
    }
    | FLOW roles opt_if {
        struct ast_hline *l = hline_new(p, AH_FLOW, @$);
        LIST_MOVE(l->roles, $2);
        l->expr = $3;
    }
    | FLOW NONE IF expr { hline_new(p, AH_NOFLOW, @$)->expr = $4; }
    | CHECKSUM name OVER covers opt_optional {
        struct ast_hline *l = hline_named(p, AH_CHECKSUM, $2, @2, @$);
        l->names = $4;
        l->optional = $5;
    }
    | PSEUDO names { hline_new(p, AH_PSEUDO, @$)->names = $2; }
    | error { RESYNC('}'); } ;

field_name: name | MATCH | FOR ;

flags: %empty { $$ = (ast_enumvals){0}; } | '{' enumvals '}' { $$ = $2; yyerrok; } ;

roles: role { LIST_ONE(&$$, $1); }
    | roles ',' role { $$ = $1; LIST_ADD(&$$, $3); } ;

role: name '=' name { $$ = role_new(p, $1, @1, $3, @3); } ;

covers: cover { LIST_ONE(&$$, name_new(p, $1, @1)); }
    | covers ',' cover { $$ = $1; LIST_PUT(&$$, name_new(p, $3, @3)); } ;

cover: name | HEADER ;

opt_optional: %empty { $$ = false; } | OPTIONAL { $$ = true; } ;

/* ---- events and extern types ---- */

event: event_head opt_if { p->decl->cond = $2; }
    | event_head opt_if RAISED BY name {
        p->decl->cond = $2;
        p->decl->raised = $5.text;
        p->decl->raised_loc = @5;
    } ;

event_head: EVENT path opt_params {
        struct word w = {$2->text, NULL};
        decl_new(p, AD_EVENT, w, $2->loc, $1)->params = $3;
    } ;

extern: extern_head | extern_head '{' '}' | extern_head '{' members '}'
    | EXTERN FN name '(' param_list ')' opt_result marks opt_file {
        struct ast_member *m = extern_fn(p, $1, $3, @3, $7);
        m->params = $5;
        m->marks = $8;
        p->decl->c_file = $9;
    } ;

extern_head: EXTERN TYPE name opt_params opt_file {
        struct ast_decl *d = decl_new(p, AD_EXTERN, $3, @3, $1);
        d->params = $4;
        d->c_file = $5;
    } ;

opt_file: %empty { $$ = (ast_names){0}; } | c_file ;

c_file: FROM STRING { $$ = (ast_names){0}; LIST_PUT(&$$, name_new(p, $2, @2)); }
    | c_file c_word STRING {
        $$ = $1;
        LIST_PUT(&$$, name_new(p, $2, @2));
        LIST_PUT(&$$, name_new(p, $3, @3));
    } ;

c_word: name | ',' { $$ = (struct word){",", NULL}; } ;

members: member | members NL member ;

member: name ':' type marks { member_new(p, $1, @1, $3)->marks = $4; }
    | FN name '(' param_list ')' opt_result marks {
        struct word w = {$2.text, $1.doc};
        struct ast_member *m = member_new(p, w, @2, $6);
        m->fn = true;
        m->params = $4;
        m->marks = $7;
    }
    | error { RESYNC('}'); } ;

opt_result: %empty { $$ = NULL; } | ARROW type { $$ = $2; } ;

marks: %empty { $$ = (ast_names){0}; }
    | marks name { $$ = $1; LIST_PUT(&$$, name_new(p, $2, @2)); } ;

fn: fn_head ARROW type '=' expr { p->decl->type = $3; p->decl->cond = $5; }
    | fn_head block { p->decl->body = $2; } ;

fn_head: FN name '(' param_list ')' { decl_new(p, AD_FN, $2, @2, $1)->params = $4; } ;

/* ---- network functions and chains ---- */

nf: nf_head '{' '}' | nf_head '{' nf_items '}'
    | nf_head '=' use_nfs { LIST_MOVE(p->decl->nfs, $3); } ;

nf_head: NF name opt_params { decl_new(p, AD_NF, $2, @2, $1)->params = $3; } ;

nf_items: nf_item | nf_items NL nf_item ;

nf_item: EXITS names { exits_new(p, $2); }
    | storage names ':' type { vars_new(p, $1, $2, $4); }
    | ON paths where binders opt_if block {
        struct ast_handler *h = handler_on(p, $1, $2, $3, loc_span(@1, @5));
        h->binders = $4;
        h->cond = $5;
        h->body = $6;
    }
    | ON TIMER period binders block { handler_timer(p, $1, $3, $4, loc_span(@1, @4))->body = $5; }
    | WHEN expr block { handler_when(p, $1, $2, loc_span(@1, @2))->body = $3; }
    | error { RESYNC('}'); } ;

storage: FLOW | SHARED | SPLIT | ATOMIC ;

/* The words, and the names: as requests asleep from inside */
where: asleep
    | asleep FROM name { $$ = $1; words_put(p, &$$, $2, @2, &$3, @3); } ;

asleep: called | called ASLEEP { $$ = $1; words_put(p, &$$, $2, @2, NULL, @2); } ;

called: %empty { $$ = (ast_names){0}; }
    | AS name { $$ = (ast_names){0}; words_put(p, &$$, $1, @1, &$2, @2); } ;

period: LITERAL | NAME { $$ = expr_name(p, $1, @1); } ;

binders: %empty { $$ = (ast_names){0}; } | '(' binder_names ')' { $$ = $2; } ;

binder_names: %empty { $$ = (ast_names){0}; } | names opt_comma ;

chain: chain_head opt_if opt_with '=' chain_body { chain_ends(p, $2, @2, $5); } ;

chain_body: use_nfs
    | '{' intents '}' { $$ = $2; p->decl->intents = true; yyerrok; } ;

intents: use_nf { LIST_ONE(&$$, $1); }
    | intents ',' use_nf { $$ = $1; LIST_ADD(&$$, $3); }
    | intents NL use_nf { $$ = $1; LIST_ADD(&$$, $3); }
    | error { $$ = (ast_uses){0}; } ;

chain_head: CHAIN name '(' side ')' { chain_new(p, $1, $2, @2, $4); }
    | CHAIN name '(' side both side ')' {
        chain_right(chain_new(p, $1, $2, @2, $4), $5, $6);
    } ;

both: ARROW { $$ = false; } | BOTH { $$ = true; } ;
side: name { $$ = (struct ast_side){.port = $1.text, .port_loc = @1}; }
    | name name { $$ = (struct ast_side){$1.text, $2.text, @1, @2}; } ;

opt_with: %empty | WITH name '(' arg_list ')' { chain_with(p, $2, @2, $4); } ;

use_nfs: use_nf { LIST_ONE(&$$, $1); }
    | use_nfs ARROW use_nf { $$ = $1; LIST_ADD(&$$, $3); } ;

use_nf: name opt_args opt_as branches { $$ = use_nf_new(p, $1, @1, $2, $3, $4); }
    | DROP reason { $$ = use_drop_new(p, $2, @$); } ;

opt_args: %empty { $$ = (ast_args){0}; } | '(' arg_list ')' { $$ = $2; } ;

opt_as: %empty { $$ = NONE_GIVEN; } | AS name { $$ = $2; } ;

branches: %empty { $$ = (ast_branches){0}; } | '{' branch_list '}' { $$ = $2; yyerrok; }
    | '{' branch_list else_branch '}' { $$ = $2; LIST_ADD(&$$, $3); yyerrok; } ;

else_branch: ELSE ARROW use_nfs { $$ = branch_new(p, (ast_names){0}, $3, @1); } ;

branch_list: branch { $$ = (ast_branches){0}; if ($1) LIST_ADD(&$$, $1); }
    | branch_list NL branch { $$ = $1; if ($3) LIST_ADD(&$$, $3); } ;

branch: names ARROW use_nfs { $$ = branch_new(p, $1, $3, @1); }
    | error { $$ = NULL; RESYNC('}'); } ;

/* ---- tests ---- */

test: test_head '{' '}'
    | test_head '{' items '}' { LIST_MOVE(p->test->items, $3); } ;

test_head: TEST STRING { p->test = decl_new(p, AD_TEST, $2, @2, $1); } ;

items: item { $$ = (ast_items){0}; if ($1) LIST_ADD(&$$, $1); }
    | items NL item { $$ = $1; if ($3) LIST_ADD(&$$, $3); } ;

item: RUN { run_begin(p, @1); } use_nfs opt_with {
        LIST_MOVE(p->decl->nfs, $3);
        $$ = run_end(p, $1, @$);
    }
    | VERB NAME packet { $$ = item_at(p, $1, @1, $2, @2, $3, @$); }
    | VERB EVENT packet { $$ = item_at(p, $1, @1, $2, @2, $3, @$); }
    | VERB expr { $$ = item_new(p, $1, @1, $2, @$); }
    | VERB expr '=' expr { $$ = item_set(p, $1, @1, $2, $4, @$); }
    | VERB DROP reason { $$ = item_drop(p, $1, @1, $3, @$); }
    | FOR NAME IN cases '{' items '}' { $$ = item_for(p, $1, $2, $4, $6, @$); }
    | error { $$ = NULL; RESYNC('}'); } ;

cases: expr | set ;

packet: part | packet '/' part { $$ = expr_infix(p, OP_DIV, $1, $3, @2); } ;

part: NAME { $$ = expr_name(p, $1, @1); }
    | NAME '(' arg_list ')' {
        $$ = expr_call(p, expr_name(p, $1, @1), $3, @4);
    }
    | STRING { $$ = expr_string(p, $1, @1); } ;

/* ---- statements ---- */

block: '{' '}' { $$ = block_new(p, (ast_stmts){0}, @$); }
    | '{' stmts '}' { $$ = block_new(p, $2, @$); } ;

stmts: stmt { $$ = (ast_stmts){0}; if ($1) LIST_ADD(&$$, $1); }
    | stmts NL stmt { $$ = $1; if ($3) LIST_ADD(&$$, $3); } ;

stmt: LET name '=' expr opt_or { $$ = stmt_let(p, $2, @2, $4, $5, @$); }
    | LET '(' names ')' '=' expr opt_or {
        $$ = stmt_let_parts(p, $3, loc_span(@2, @4), $6, $7, @$);
    }
    | expr '=' expr opt_or { $$ = stmt_assign(p, $1, -1, $3, $4, @$); }
    | expr OP_SET expr opt_or { $$ = stmt_assign(p, $1, $2, $3, $4, @$); }
    | expr opt_or { $$ = stmt_expr(p, $1, $2, @$); }
    | if
    | match
    | FOR name IN expr block { $$ = stmt_for(p, $2, @2, $4, $5, @$); }
    | EMIT event_path opt_args { $$ = stmt_event(p, $1, $2, $3, @$); }
    | drop
    | RETURN { $$ = stmt_new(p, AS_RETURN, @$); }
    | goto
    | error { $$ = NULL; RESYNC('}'); } ;

/* Behind a word that may be a name itself. */
event_path: NAME { $$ = path_new(p, $1, @1); }
    | event_path '/' name { $$ = $1; path_add(p, $$, $3, @3); } ;

if: IF expr block opt_else { $$ = stmt_if(p, $2, $3, $4, @$); } ;

opt_else: %empty { $$ = NULL; }
    | ELSE block { $$ = $2; }
    | ELSE if { $$ = block_one(p, $2); } ;

match: MATCH expr '{' arms opt_other '}' { $$ = stmt_match(p, $2, $4, $5, @$); } ;

arms: arm { LIST_ONE(&$$, $1); }
    | arms NL arm { $$ = $1; LIST_ADD(&$$, $3); } ;

arm: exprs ARROW block { $$ = arm_new(p, $1, $3, @1); } ;

opt_other: %empty { $$ = NULL; } | ELSE ARROW block { $$ = $3; } ;

drop: DROP opt_flow reason { $$ = stmt_drop(p, $2, $3, @$); }
    | DROP NEW reason { ($$ = stmt_drop(p, false, $3, @$))->opened = true; } ;

goto: GOTO word { $$ = stmt_goto(p, false, $2, @2, @$); }
    | GOTO FLOW word { $$ = stmt_goto(p, true, $3, @3, @$); } ;

opt_flow: %empty { $$ = false; } | FLOW { $$ = true; } ;

reason: %empty { $$ = NONE_GIVEN; } | STRING ;

opt_or: %empty { $$ = (struct ast_alt){0}; } | or ;

or: OR drop { $$ = alt_block(ALT_DROP, block_one(p, $2), @2); }
    | OR RETURN {
        struct ast_stmt *s = stmt_new(p, AS_RETURN, @2);
        $$ = alt_block(ALT_RETURN, block_one(p, s), @2);
    }
    | OR goto { $$ = alt_block(ALT_RETURN, block_one(p, $2), @2); }
    | OR block { $$ = alt_block(ALT_BLOCK, $2, @2); }
    | OR expr { $$ = alt_value($2, @2); } ;

/* ---- expressions ---- */

expr: unary
    | expr LOR expr { $$ = expr_infix(p, OP_LOR, $1, $3, @2); }
    | expr LAND expr { $$ = expr_infix(p, OP_LAND, $1, $3, @2); }
    | expr REL expr { $$ = expr_infix(p, $2, $1, $3, @2); }
    | expr IN expr { $$ = expr_pair(p, AE_IN, $1, $3, @2); }
    | expr IN set { $$ = expr_pair(p, AE_IN, $1, $3, @2); }
    | expr DOTDOT expr { $$ = expr_pair(p, AE_RANGE, $1, $3, @2); }
    | expr '|' expr { $$ = expr_infix(p, OP_OR, $1, $3, @2); }
    | expr '^' expr { $$ = expr_infix(p, OP_XOR, $1, $3, @2); }
    | expr '&' expr { $$ = expr_infix(p, OP_AND, $1, $3, @2); }
    | expr SHIFT expr { $$ = expr_infix(p, $2, $1, $3, @2); }
    | expr SUM expr { $$ = expr_infix(p, $2, $1, $3, @2); }
    | expr PRODUCT expr { $$ = expr_infix(p, $2, $1, $3, @2); }
    | expr '/' expr { $$ = expr_infix(p, OP_DIV, $1, $3, @2); } ;

set: '{' exprs opt_comma '}' { $$ = expr_list(p, AE_SET, $2, @$); }
    | '{' error '}' {
        $$ = expr_list(p, AE_SET, (ast_exprs){0}, @$);
        yyerrok;
    } ;

unary: postfix
    | '!' unary { $$ = expr_unary(p, OP_NOT, $2, @1); }
    | '~' unary { $$ = expr_unary(p, OP_NEG, $2, @1); } ;

postfix: primary
    | postfix '.' NAME { $$ = expr_member(p, AE_DOT, $1, $3, @3); }
    | postfix HAS name { $$ = expr_member(p, AE_HAS, $1, $3, @3); }
    | postfix '(' arg_list ')' { $$ = expr_call(p, $1, $3, @4); }
    | postfix '[' exprs opt_comma ']' { $$ = expr_index(p, $1, $3, @$); } ;

primary: LITERAL
    | STRING { $$ = expr_string(p, $1, @1); }
    | name { $$ = expr_name(p, $1, @1); }
    | '(' expr ')' { $$ = $2; }
    | '(' tuple opt_comma ')' { $$ = expr_list(p, AE_TUPLE, $2, @$); } ;

tuple: expr ',' expr {
        $$ = (ast_exprs){0};
        LIST_ADD(&$$, $1);
        LIST_ADD(&$$, $3);
    }
    | tuple ',' expr { $$ = $1; LIST_ADD(&$$, $3); } ;

%%

static int yyreport_syntax_error(const yypcontext_t *ctx, struct parse *p)
{
    enum { MOST = 100 };
    yysymbol_kind_t kinds[MOST];
    const char *names[MOST];
    int i, n = yypcontext_expected_tokens(ctx, kinds, MOST);

    for (i = 0; i < n; i++)
        names[i] = yysymbol_name(kinds[i]);
    syntax_error(p, names, n > 0 ? (unsigned)n : 0);
    scan_recover(&p->scan);
    return 0;
}
