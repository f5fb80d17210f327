vim.cmd.runtime({ "ftplugin/markdown.vim", bang = true })
