--- `:Grammared`: what can be done by name.
local grammared = require("grammared")
local M = {}

--- Have the server do something.
---@param command string Without its prefix.
---@param argument? table
---@param done? fun(result: any)
local function execute(command, argument, done)
  local client = grammared.client()
  if not client then
    grammared.tell("no server checks this buffer. See :checkhealth grammared.", vim.log.levels.WARN)
    return
  end
  local params = { command = "grammared." .. command, arguments = argument and { argument } or nil }
  client:request("workspace/executeCommand", params, function(problem, result)
    if problem then
      grammared.tell(problem.message, vim.log.levels.ERROR)
    elseif done then
      done(result)
    end
  end)
end

--- Choose among the entries of the menu that run a command; the only one is done at once.
---@param command string Without its prefix.
local function choose(command)
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      local runs = type(action.command) == "table" and action.command.command or action.command
      return runs == "grammared." .. command
    end,
  })
end

---@return table
local function this_document()
  return { uri = vim.uri_from_bufnr(0) }
end

--- Pausing means all documents with the word "all".
---@param command string
---@return fun(words: string[])
local function for_one_or_all(command)
  return function(words)
    execute(command, words[1] ~= "all" and this_document() or nil)
  end
end

---@param lines string[]
local function show(lines)
  vim.cmd.new()
  vim.bo.buftype, vim.bo.bufhidden, vim.bo.swapfile = "nofile", "wipe", false
  vim.api.nvim_buf_set_lines(0, 0, -1, false, #lines > 0 and lines or { "The log is empty." })
  vim.bo.modifiable = false
end

--- Settings as they are typed: `strictness=high`, `triton.url=localhost:8001`.
---@param words string[]
local function set(words)
  for _, word in ipairs(words) do
    local name, value = word:match("^([%w.]+)=(.*)$")
    if not name then
      grammared.tell(("%s is not NAME=VALUE"):format(word), vim.log.levels.ERROR)
      return
    end
    local is_json, read = pcall(vim.json.decode, value)
    local settings = is_json and read or value
    for part in vim.iter(vim.split(name, ".", { plain = true })):rev() do
      settings = { [part] = settings }
    end
    grammared.set(settings --[[@as grammared.Settings]])
  end
end

---@type table<string, fun(words: string[])>
M.commands = {
  ["add-word"] = function()
    choose("addToDictionary")
  end,
  check = function()
    execute("checkDocument", this_document(), function(count)
      grammared.tell(count == 1 and "1 finding" or count .. " findings")
    end)
  end,
  ["check-workspace"] = function()
    execute("checkWorkspace", nil, function(found)
      grammared.tell(("%d findings in %d files that are not open"):format(found.findings, found.files))
    end)
  end,
  explain = function()
    vim.lsp.buf.hover()
  end,
  fix = function()
    vim.lsp.buf.code_action({ context = { only = { "quickfix" } } })
  end,
  ["fix-all"] = function()
    vim.lsp.buf.code_action({ context = { only = { "source.fixAll.grammared" } }, apply = true })
  end,
  health = function()
    vim.cmd.checkhealth("grammared")
  end,
  ignore = function()
    choose("ignore")
  end,
  log = function()
    execute("showLog", nil, show)
  end,
  pause = for_one_or_all("pause"),
  ["reload-model"] = function()
    execute("restart")
  end,
  restart = function()
    grammared.restart()
  end,
  resume = for_one_or_all("resume"),
  set = set,
  status = function()
    execute("status", nil, function(status)
      grammared.tell(vim.inspect(status))
    end)
  end,
  undo = function()
    execute("undo", nil, function(file)
      grammared.tell(file == vim.NIL and "there is nothing to take back" or "took back the last change to " .. file)
    end)
  end,
}

--- Do what was typed after `:Grammared`; nothing asks for the state.
---@param words string[]
function M.run(words)
  local name = words[1] or "status"
  local command = M.commands[name]
  if not command then
    local known = table.concat(vim.fn.sort(vim.tbl_keys(M.commands)), ", ")
    grammared.tell(("there is no command %s; there are %s"):format(name, known), vim.log.levels.ERROR)
    return
  end
  command(vim.list_slice(words, 2))
end

--- Names that begin as what was typed.
---@param start string
---@param line string
---@return string[]
function M.complete(start, line)
  local names = vim.fn.sort(vim.tbl_keys(M.commands))
  local first = line:match("^%s*%S+%s+(%S+)%s")
  if first then
    names = (first == "pause" or first == "resume") and { "all" } or {}
  end
  return vim.tbl_filter(function(name)
    return vim.startswith(name, start)
  end, names)
end

return M
