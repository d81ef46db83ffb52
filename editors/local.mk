EXTRA_DIST += %D%/README.md %D%/emacs/nfl-mode.el \
	%D%/vim/ftdetect/nfl.vim %D%/vim/ftplugin/nfl.vim \
	%D%/vim/syntax/nfl.vim %D%/vscode/package.json \
	%D%/vscode/language-configuration.json \
	%D%/vscode/syntaxes/nfl.tmLanguage.json
