--- `:checkhealth grammared`
local M = {}

---@param command string[]
---@return string? version
local function version_of(command)
  local ok, done = pcall(function()
    return vim.system({ command[1], "--version" }, { text = true }):wait(20000)
  end)
  if ok and done.code == 0 then
    return vim.trim(done.stdout)
  end
end

local function check_neovim()
  if vim.fn.has("nvim-0.11") == 1 then
    vim.health.ok("Neovim " .. tostring(vim.version()))
  else
    vim.health.error("Grammared needs Neovim 0.11 or later")
  end
end

---@param config vim.lsp.Config
local function check_command(config)
  local command = config.cmd
  if type(command) ~= "table" then
    vim.health.ok("the server is started by a function of your own")
  elseif vim.fn.executable(command[1]) == 0 then
    vim.health.error(("there is no command `%s`"):format(command[1]), "Run: pipx install grammared")
  else
    local said = version_of(command)
    vim.health.ok(("`%s`%s"):format(vim.fn.exepath(command[1]), said and ": " .. said or ""))
  end
end

local function check_clients()
  local clients = vim.lsp.get_clients({ name = "grammared" })
  if #clients == 0 then
    vim.health.info("no server is running: one starts with the first file of a type that it reads")
  end
  for _, client in ipairs(clients) do
    local buffers = #vim.tbl_keys(client.attached_buffers)
    vim.health.ok(("client %d checks %d buffers, root %s"):format(client.id, buffers, client.root_dir or "none"))
    local answer = client:request_sync("workspace/executeCommand", { command = "grammared.status" }, 5000)
    local status = answer and answer.result ---@type grammared.Status?
    if not status then
      vim.health.warn("the server does not answer", ":Grammared restart")
    elseif status.failure and status.failure ~= vim.NIL then
      vim.health.error(status.failure)
    else
      vim.health.ok(("%s, engine %s, model %s"):format(status.state, status.engine, status.model))
    end
  end
end

function M.check()
  vim.health.start("grammared")
  check_neovim()
  local config = vim.lsp.config.grammared
  if not config then
    vim.health.error("there is no configuration", "Is the plugin's folder in 'runtimepath'?")
    return
  end
  check_command(config)
  if vim.lsp.is_enabled("grammared") then
    vim.health.ok(("switched on for %d filetypes"):format(#config.filetypes))
  else
    vim.health.warn("not switched on", 'Put vim.lsp.enable("grammared") into init.lua')
  end
  if not pcall(vim.validate, "vim.g.grammared", vim.g.grammared, "table", true) then
    vim.health.error("vim.g.grammared is no table")
  end
  check_clients()
end

return M
