-- Grammared for Neovim 0.11 and later; see ../README.md.
---@type vim.lsp.Config
return {
  cmd = { "grammared", "serve", "--stdio" },
  filetypes = { "markdown", "quarto", "rmd", "text", "html", "gitcommit", "mail" },
  root_markers = { ".git" },
  settings = {
    -- What differs from the defaults, such as `severity = "information"`; docs/settings.md has them all.
    grammared = vim.empty_dict(),
  },
}
