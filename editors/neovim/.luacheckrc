-- luacheck editors/neovim
std = "luajit"
read_globals = { "vim" }
globals = { "vim.g", "vim.bo", "vim.lsp" }
max_line_length = 120
files["lua/grammared/types.lua"] = { max_line_length = false }
