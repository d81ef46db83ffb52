autocmd BufNewFile,BufRead *.nfl setfiletype nfl
