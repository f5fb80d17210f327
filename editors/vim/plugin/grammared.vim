" Grammared for Vim 8.2 and later with ALE: makes the server known as one of ALE's linters.
"
"   let g:grammared_command = ['/opt/grammared/bin/grammared', 'serve', '--stdio', '--positions', 'utf-8']
"   let g:grammared_settings = {'dialect': 'gb'}
"
" ALE counts columns in bytes, whatever it says: without --positions utf-8, fixes on lines with other letters than
" those of ASCII would change the wrong words.
"
" Settings may be changed while it runs: they are sent with the next check (`:ALELint`).
if exists('g:loaded_grammared')
  finish
endif
let g:loaded_grammared = 1

let g:grammared_command = get(g:, 'grammared_command', ['grammared', 'serve', '--stdio', '--positions', 'utf-8'])
let g:grammared_settings = get(g:, 'grammared_settings', {})

function! s:Root(buffer) abort
  let l:git = finddir('.git', fnamemodify(bufname(a:buffer), ':p:h') . ';')
  return empty(l:git) ? fnamemodify(bufname(a:buffer), ':p:h') : fnamemodify(l:git, ':p:h:h')
endfunction

function! s:Executable(buffer) abort
  return g:grammared_command[0]
endfunction

function! s:Command(buffer) abort
  return join(['%e'] + map(copy(g:grammared_command[1:]), 'ale#Escape(v:val)'))
endfunction

function! s:Config(buffer) abort
  return {'grammared': g:grammared_settings}
endfunction

if empty(globpath(&runtimepath, 'autoload/ale/linter.vim'))
  echomsg 'Grammared: ALE is not there; load it before this plugin'
  finish
endif
for s:filetype in grammared#filetypes#All()
  call ale#linter#Define(s:filetype, {
  \   'name': 'grammared',
  \   'lsp': 'stdio',
  \   'executable': function('s:Executable'),
  \   'command': function('s:Command'),
  \   'project_root': function('s:Root'),
  \   'lsp_config': function('s:Config'),
  \   'initialization_options': {buffer -> g:grammared_settings},
  \ })
endfor
