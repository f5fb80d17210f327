-- How Neovim starts the server. What you say in vim.lsp.config("grammared", {...}) is merged into this.
---@type vim.lsp.Config
return {
  cmd = { "grammared", "serve", "--stdio" },
  filetypes = require("grammared.filetypes"),
  root_markers = { "grammared.toml", ".git" },
  settings = {
    -- What differs from the defaults; `:help grammared-settings`.
    ---@type grammared.Settings
    grammared = vim.empty_dict(),
  },
  on_exit = function(code, signal)
    require("grammared").exited(code, signal)
  end,
}
