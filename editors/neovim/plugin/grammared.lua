-- Loaded by Neovim itself when it starts: makes the commands known, and switches the server on.
if vim.g.loaded_grammared then
  return
end
vim.g.loaded_grammared = true

if vim.fn.has("nvim-0.11") == 0 then
  vim.notify("Grammared: this needs Neovim 0.11 or later.", vim.log.levels.ERROR)
  return
end

local group = vim.api.nvim_create_augroup("grammared", {})

vim.api.nvim_create_autocmd("LspAttach", {
  group = group,
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == "grammared" then
      require("grammared").attached(client, event.buf)
    end
  end,
})

vim.lsp.handlers["grammared/status"] = function(_, status, context)
  require("grammared").told_status(status, context.client_id)
end

vim.api.nvim_create_user_command("Grammared", function(given)
  require("grammared.commands").run(given.fargs)
end, {
  nargs = "*",
  desc = "Grammared: see :help :Grammared",
  complete = function(start, line)
    return require("grammared.commands").complete(start, line)
  end,
})

if require("grammared").options().enable then
  vim.lsp.enable("grammared")
  -- Neovim only logs that a command is missing, which nobody would see.
  vim.api.nvim_create_autocmd("FileType", {
    group = group,
    pattern = require("grammared.filetypes"),
    callback = function()
      return require("grammared").tell_if_missing() -- which ends the autocommand when it is true
    end,
  })
end
