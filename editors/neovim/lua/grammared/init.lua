--- Grammared in Neovim: options, messages, status, and what happens when the server ends.
local M = {}

---@class grammared.Options
---@field enable? boolean Switch the server on when Neovim starts; true unless you say otherwise.
---@field messages? "lines"|"line"|"float"|"text"|"none" How messages are shown; "line" unless you say otherwise.
---@field fix_on_save? boolean Fix what is surely wrong when a file is written; false unless you say otherwise.
---@field restarts? integer How often in three minutes a server that died is started again; 4 unless you say otherwise.

---@type grammared.Options
local DEFAULTS = { enable = true, messages = "line", fix_on_save = false, restarts = 4 }
local SPAN = 3 * 60 * 1000 -- milliseconds in which restarts are counted
local PATIENCE = 2000 -- milliseconds that writing a file waits for fixes
local TERMINATED = 15 -- the signal with which Neovim or a person asks a program to end

---@type table<string, vim.diagnostic.Opts>
local LOOKS = {
  lines = { virtual_lines = true, virtual_text = false },
  line = { virtual_lines = { current_line = true }, virtual_text = false },
  float = { virtual_lines = false, virtual_text = false },
  text = { virtual_lines = false, virtual_text = true },
  none = { virtual_lines = false, virtual_text = false },
}

---@type table<integer, grammared.Status> What each running server said last.
local statuses = {}
---@type integer[] When the server was started again, in milliseconds.
local restarted = {}

--- What is set in `vim.g.grammared`, with the defaults for the rest.
---@return grammared.Options
function M.options()
  return vim.tbl_extend("force", DEFAULTS, vim.g.grammared or {})
end

--- The server that checks a buffer.
---@param buffer? integer The current one if none is given.
---@return vim.lsp.Client?
function M.client(buffer)
  return vim.lsp.get_clients({ name = "grammared", bufnr = buffer or 0 })[1]
end

--- Say something to the user.
---@param message string
---@param level? integer
function M.tell(message, level)
  vim.notify("Grammared: " .. message, level or vim.log.levels.INFO)
end

--- Say once that the server's command is missing.
---@return boolean? missing
function M.tell_if_missing()
  local command = (vim.lsp.config.grammared or {}).cmd
  if type(command) == "table" and vim.fn.executable(command[1]) == 0 then
    local how = "Install it with `pipx install grammared`, or see :help grammared-install."
    M.tell(("there is no command `%s`. %s"):format(command[1], how), vim.log.levels.WARN)
    return true
  end
end

--- Neovim shows no messages of its own accord: show ours, and leave those of other servers as they are.
---@param client vim.lsp.Client
---@param buffer integer
function M.attached(client, buffer)
  local messages = M.options().messages
  local look = LOOKS[messages]
  if not look then
    local known = table.concat(vim.fn.sort(vim.tbl_keys(LOOKS)), ", ")
    M.tell(("vim.g.grammared.messages is %s; it can be %s"):format(vim.inspect(messages), known), vim.log.levels.WARN)
    look = LOOKS.line
  end
  for _, pulled in ipairs({ true, false }) do
    vim.diagnostic.config(look, vim.lsp.diagnostic.get_namespace(client.id, pulled))
  end
  if messages == "float" then
    M.float(client, buffer)
  end
  vim.api.nvim_create_autocmd("BufWritePre", {
    group = vim.api.nvim_create_augroup("grammared.save." .. buffer, {}),
    buffer = buffer,
    callback = function()
      if M.options().fix_on_save then
        M.fix_sure(client, buffer)
      end
    end,
  })
end

--- Fix what is surely wrong, and return when it is done.
---@param client vim.lsp.Client
---@param buffer integer
function M.fix_sure(client, buffer)
  local params = {
    textDocument = { uri = vim.uri_from_bufnr(buffer) },
    range = {
      start = { line = 0, character = 0 },
      ["end"] = { line = vim.api.nvim_buf_line_count(buffer), character = 0 },
    },
    context = { only = { "source.fixAll.grammared" }, diagnostics = {} },
  }
  local answer = client:request_sync("textDocument/codeAction", params, PATIENCE, buffer)
  for _, action in ipairs(answer and answer.result or {}) do
    if action.edit then
      vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
    end
  end
end

--- Show the message at the cursor in a window when the cursor rests.
---@param client vim.lsp.Client
---@param buffer integer
function M.float(client, buffer)
  vim.api.nvim_create_autocmd("CursorHold", {
    group = vim.api.nvim_create_augroup("grammared.float." .. buffer, {}),
    buffer = buffer,
    callback = function()
      for _, pulled in ipairs({ true, false }) do
        local namespace = vim.lsp.diagnostic.get_namespace(client.id, pulled)
        vim.diagnostic.open_float({ scope = "cursor", namespace = namespace, focusable = false })
      end
    end,
  })
end

--- Keep what the server says of itself, for the status line.
---@param status grammared.Status
---@param client_id integer
function M.told_status(status, client_id)
  statuses[client_id] = status
  vim.api.nvim_exec_autocmds("User", { pattern = "GrammaredStatus", data = status, modeline = false })
  vim.cmd.redrawstatus({ bang = true })
end

--- What the server of a buffer said last of itself.
---@param buffer? integer
---@return grammared.Status?
function M.server_status(buffer)
  local client = M.client(buffer)
  return client and statuses[client.id]
end

---@param status grammared.Status
---@param uri string
---@return integer
local function count(status, uri)
  for _, one in ipairs(status.findings) do
    if one.uri == uri then
      return one.count
    end
  end
  return 0
end

--- A few words for the status line: empty where nothing is checked.
---@param buffer? integer
---@return string
function M.statusline(buffer)
  local status = M.server_status(buffer)
  if not status then
    return ""
  end
  local uri = vim.uri_from_bufnr(buffer or 0)
  if status.paused.all or vim.list_contains(status.paused.documents, uri) then
    return "Grammared: paused"
  end
  if status.state == "failed" or status.state == "loading" then
    return "Grammared: " .. status.state
  end
  local more = (status.degraded and ", without Triton" or "") .. (status.busy and " …" or "")
  return "Grammared: " .. count(status, uri) .. more
end

--- Change settings of the running server, and of those that are started later.
---@param settings grammared.Settings Only what changes.
function M.set(settings)
  vim.lsp.config("grammared", { settings = { grammared = settings } })
  for _, client in ipairs(vim.lsp.get_clients({ name = "grammared" })) do
    client.settings = vim.tbl_deep_extend("force", client.settings, { grammared = settings })
    client:notify("workspace/didChangeConfiguration", { settings = client.settings })
  end
end

--- Start the server anew.
function M.restart()
  restarted = {}
  if M.tell_if_missing() then
    return
  end
  local running = vim.lsp.get_clients({ name = "grammared" })
  for _, client in ipairs(running) do
    client:stop()
  end
  local is_gone = function()
    return #vim.lsp.get_clients({ name = "grammared" }) == 0
  end
  if not vim.wait(2000, is_gone, 20) then
    for _, client in ipairs(running) do
      client:stop(true)
    end
    vim.wait(1000, is_gone, 20)
  end
  vim.lsp.enable("grammared")
end

--- Start a server again that died by itself, unless it does so again and again.
---@param code integer
---@param signal integer
function M.exited(code, signal)
  if (code == 0 and signal == 0) or signal == TERMINATED then
    return
  end
  vim.schedule(function()
    local now = vim.uv.now()
    restarted = vim.tbl_filter(function(time)
      return now - time < SPAN
    end, restarted)
    if vim.v.exiting ~= vim.NIL or not vim.lsp.is_enabled("grammared") then
      return
    end
    if #restarted >= M.options().restarts then
      local what = "the server died again and again, and stays off: see :checkhealth grammared and :Grammared restart"
      M.tell(what, vim.log.levels.ERROR)
      return
    end
    table.insert(restarted, now)
    vim.lsp.enable("grammared")
  end)
end

return M
