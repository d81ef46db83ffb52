" NFL, the Network Function Language.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal comments=:///,:// commentstring=//\ %s formatoptions-=t
setlocal expandtab shiftwidth=4 softtabstop=4 cindent cinoptions=+1s,J1
setlocal suffixesadd=.nfl include=^\\s*use
setlocal makeprg=nflc\ check\ %:S
setlocal errorformat=%f:%l:%c:\ %t%*[a-z]:\ %m,%-G%.%#
" Lays out the file; if it does not parse, :make says why.
command! -buffer NflFormat silent update | call system('nflc fmt ' . shellescape(expand('%:p'))) | silent edit
let b:undo_ftplugin = 'setlocal com< cms< fo< et< sw< sts< cin< cino< sua< inc< mp< efm< | delcommand -buffer NflFormat'
