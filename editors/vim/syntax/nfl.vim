" Vim syntax file
" Language: NFL, the Network Function Language
" Words as in compiler/front/scan.c; tests/lint/editors compares them.
if exists('b:current_syntax')
  finish
endif

" Reserved: never names.
syn keyword nflKeyword use nf chain header event on let in for
syn keyword nflConditional if else match
syn keyword nflStatement or drop return
syn keyword nflBoolean true false

" Words that mean something only where they stand here; elsewhere names.
syn match nflKeyword '^\s*\zs\%(flow\|shared\|split\|atomic\)\ze\s\+\h'
syn match nflKeyword '\%(\<drop\s\+\)\@<=flow\>'
syn match nflKeyword '^\s*\zs\%(type\|enum\|struct\|extern\)\ze\s\+\h'
syn match nflKeyword '\%(^\s*extern\s\+\)\@<=type\>'
syn match nflKeyword '^\s*\zsfn\ze\s\+\h'
syn match nflKeyword '^\s*\zsexits\ze\s\+\h'
syn match nflStatement '\<goto\%(\s\+flow\)\?\ze\s\+\h'
syn match nflKeyword '\<from\ze\s\+\h'
syn match nflKeyword '\<at\ze\s\+\h'
syn match nflKeyword '\<asleep\>'
syn match nflKeyword '\<drop\s\+\zsnew\>'
syn match nflKeyword '\%(^\s*on\s\+\)\@<=timer\>'
syn match nflKeyword '^\s*\zswhen\ze\s\+\S'
syn match nflStatement '^\s*\zs\%(emit\|subscribe\|unsubscribe\)\ze\s\+\h'
syn match nflKeyword '\<with\ze\s\+flows\>'
syn match nflKeyword '\<has\ze\s\+\h'
syn match nflKeyword '\<like\ze\s\+[0-9:]'
syn match nflKeyword '^\s*\zs\%(next\|size\|end\|valid\|checksum\|pseudo\)\ze\s\+[^ :=]'
syn match nflKeyword '\%(^\s*header\s\+\h\w*\s\+\)\@<=\%(first\|after\)\>'
syn match nflKeyword '\%(^\s*next\s\+\h\w*\s\+\)\@<=as\>'
syn match nflKeyword '\%(^\s*checksum\s\+\h\w*\s\+\)\@<=over\>'
syn match nflKeyword '\<optional\ze\s*$'
syn match nflKeyword '\%(^\s*flow\s\+\)\@<=none\>'
syn match nflKeyword '\<raised\s\+by\>'
syn match nflKeyword '^\s*\zs\%(test\)\ze\s\+"'
syn match nflKeyword '\%(^\s*\|[{;]\s*\)\@<=\%(run\|send\|expect\|reply\|after\|set\)\ze\s\+[^ :=.(]'

" Names that are declared, and those of fields, which may be any word.
syn match nflName '\%(^\s*\%(nf\|chain\|header\|enum\|struct\|type\|fn\)\s\+\)\@<=\h\w*'
syn match nflName '\%(^\s*extern\s\+type\s\+\)\@<=\h\w*'
syn match nflMember '\.\h\w*'
syn match nflEvent '\<\u[A-Z0-9_]*\%(/\u[A-Z0-9_]*\)*\>'
syn match nflType '\%(:\s*\)\@<=\%(u\d\{1,3}\|bool\|ipv4\|ipv6\|mac\|ipaddr\|port\|port_range\|proto\|endpoint\|range\|table\|file\|duration\)\>'

syn match nflNumber '\<\d[0-9_]*[kMG]\?\>'
syn match nflNumber '\<0[xX][0-9A-Fa-f_]\+\>'
syn match nflNumber '\<0b[01_]\+\>'
syn match nflNumber '\<\d[0-9_]*\%(ns\|us\|ms\|s\|min\|h\|d\)\>'
syn match nflAddress '\<\d\{1,3}\%(\.\d\{1,3}\)\{3}\%(/\d\{1,2}\)\?\>'
syn match nflAddress '\%(\w\|:\)\@<!\%(\x\{0,4}:\)\{2,7}\%(\x\{1,4}\)\?\%(\%(\.\d\{1,3}\)\{3}\)\?\%(/\d\{1,3}\)\?'
syn region nflString start='"' skip='\\.' end='"' oneline

syn keyword nflTodo TODO FIXME XXX contained
syn match nflComment '//.*$' contains=nflTodo,@Spell
syn match nflDoc '///.*$' contains=nflTodo,@Spell

hi def link nflKeyword Keyword
hi def link nflConditional Conditional
hi def link nflStatement Statement
hi def link nflBoolean Boolean
hi def link nflName Function
hi def link nflEvent Constant
hi def link nflType Type
hi def link nflNumber Number
hi def link nflAddress Number
hi def link nflString String
hi def link nflTodo Todo
hi def link nflComment Comment
hi def link nflDoc SpecialComment

let b:current_syntax = 'nfl'
