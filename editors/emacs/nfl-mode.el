;;; nfl-mode.el --- Major mode for NFL, the Network Function Language  -*- lexical-binding: t -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "25.1"))
;; Keywords: languages

;;; Commentary:

;; Colours, indentation by brackets (four columns, as `nflc fmt' has it),
;; comments, `compile' with nflc check, and C-c C-f to run nflc fmt.
;; Words as in compiler/front/scan.c; tests/lint/editors compares them.

;;; Code:

(require 'compile)

(defgroup nfl nil
  "Programs in NFL, the Network Function Language."
  :group 'languages)

(defcustom nfl-indent 4
  "Columns of indentation for each bracket."
  :type 'integer
  :safe #'integerp)

(defcustom nfl-nflc "nflc"
  "The compiler: a name, or a path."
  :type 'string)

(defvar nfl-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?/ ". 12" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?\\ "\\" table)
    (modify-syntax-entry ?_ "_" table)
    (dolist (sign '(?+ ?- ?* ?% ?& ?| ?^ ?! ?~ ?< ?> ?= ?. ?, ?: ?\; ??))
      (modify-syntax-entry sign "." table))
    table)
  "Comments, strings and brackets of NFL.")

(defconst nfl-reserved
  '("use" "nf" "chain" "header" "event" "on" "let" "in" "for")
  "Words that are never names.")

(defconst nfl-statements
  '("if" "else" "match" "or" "drop" "return")
  "Reserved words that decide what is done.")

(defconst nfl-declaring
  '("flow" "shared" "split" "atomic" "type" "enum" "struct" "extern" "fn"
    "next" "size" "end" "valid" "checksum" "pseudo" "when" "test"
    "run" "send" "expect" "reply" "after" "set"
    "emit" "subscribe" "unsubscribe" "goto")
  "Words with a meaning at the begin of a line, where a word follows.")

(defconst nfl-joining
  '("from" "at" "with" "has" "like" "as" "over" "raised" "by" "first"
    "optional" "none" "asleep" "timer" "exits" "new")
  "Words with a meaning between others.")

(defvar nfl-font-lock-keywords
  `((,(concat "^[ \t]*\\(?:extern[ \t]+type\\|nf\\|chain\\|header\\|enum\\|"
              "struct\\|type\\|fn\\)[ \t]+\\([A-Za-z_][A-Za-z0-9_]*\\)")
     1 font-lock-function-name-face)
    ("\\.\\([A-Za-z_][A-Za-z0-9_]*\\)" 1 font-lock-variable-name-face)
    (,(regexp-opt nfl-reserved 'symbols) . font-lock-keyword-face)
    (,(regexp-opt nfl-statements 'symbols) . font-lock-keyword-face)
    (,(concat "\\(?:^\\|[{;]\\)[ \t]*" (regexp-opt nfl-declaring 'symbols)
              "[ \t]+[^ \t:=.(]")
     1 font-lock-keyword-face)
    (,(concat "[A-Za-z0-9_)][ \t]+" (regexp-opt nfl-joining 'symbols)
              "\\(?:[ \t]+[^ \t:=.]\\|$\\)")
     1 font-lock-keyword-face)
    ("\\_<drop[ \t]+\\(flow\\)\\_>" 1 font-lock-keyword-face)
    ("\\_<\\(?:true\\|false\\)\\_>" . font-lock-constant-face)
    ("\\_<[A-Z][A-Z0-9_]*\\(?:/[A-Z][A-Z0-9_]*\\)*\\_>"
     . font-lock-constant-face)
    (,(concat ":[ \t]*\\(u[0-9]\\{1,3\\}\\|"
              (regexp-opt '("bool" "ipv4" "ipv6" "mac" "ipaddr" "port" "range"
                            "port_range" "proto" "endpoint" "table" "file"
                            "duration"))
              "\\)\\_>")
     1 font-lock-type-face))
  "What is coloured in NFL, and how.")

(defun nfl-indent-line ()
  "Indent the line by the brackets around its begin."
  (interactive)
  (let* ((column (save-excursion (back-to-indentation) (nfl-column)))
         (behind (- (current-column) (current-indentation))))
    (indent-line-to column)
    (when (> behind 0)
      (forward-char behind))))

(defun nfl-column ()
  "The column of the line at whose first sign point is."
  (let* ((state (syntax-ppss))
         (open (nth 1 state))
         (closing (memq (char-after) '(?\} ?\) ?\])))
         (goes-on (looking-at "->\\|<->\\|or\\_>\\|with\\_>\\|&&\\|||\\|[=.|]")))
    (cond
     ((nth 3 state) (current-indentation))
     ((not open) (if (or goes-on (nfl-unfinished)) nfl-indent 0))
     (t (save-excursion
          (goto-char open)
          (back-to-indentation)
          (+ (current-column)
             (if closing 0 nfl-indent)
             (if (and goes-on (not closing)) nfl-indent 0)))))))

(defun nfl-unfinished ()
  "Does the line before this one end in a sign that must go on?"
  (save-excursion
    (forward-comment (- (point)))
    (looking-back "[=+*/%&|^,]\\|->" (max (point-min) (- (point) 2)))))

(defun nfl-format ()
  "Lay out the buffer with nflc fmt; nothing changes if it does not parse."
  (interactive)
  (let ((out (generate-new-buffer " *nflc fmt*"))
        (errors (make-temp-file "nflc")))
    (unwind-protect
        (if (zerop (call-process-region (point-min) (point-max) nfl-nflc nil
                                        (list out errors) nil "fmt" "-"))
            (replace-buffer-contents out)
          (message "%s" (with-temp-buffer
                          (insert-file-contents errors)
                          (buffer-string))))
      (kill-buffer out)
      (delete-file errors))))

(defvar nfl-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-c C-f") #'nfl-format)
    map)
  "Keys of NFL.")

;;;###autoload
(define-derived-mode nfl-mode prog-mode "NFL"
  "Major mode for NFL, the Network Function Language."
  (setq-local comment-start "// ")
  (setq-local comment-end "")
  (setq-local comment-start-skip "//+[ \t]*")
  (setq-local indent-tabs-mode nil)
  (setq-local indent-line-function #'nfl-indent-line)
  (setq-local electric-indent-chars '(?\n ?\} ?\) ?\]))
  (setq-local font-lock-defaults '(nfl-font-lock-keywords))
  (setq-local compile-command
              (concat nfl-nflc " check "
                      (if buffer-file-name
                          (shell-quote-argument
                           (file-name-nondirectory buffer-file-name))
                        ""))))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.nfl\\'" . nfl-mode))

(provide 'nfl-mode)
;;; nfl-mode.el ends here
