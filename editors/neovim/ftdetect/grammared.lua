-- Filetypes that Neovim 0.11 lacks. What Neovim or you already know by a name stays as it is.
local EXTENSIONS = {
  applescript = "applescript",
  coffee = "coffeescript",
  dbk = "xml",
  dita = "xml",
  mdx = "mdx",
  mediawiki = "mediawiki",
  rest = "rst",
  vtt = "webvtt",
  wikitext = "mediawiki",
}
local NAMES = {
  Brewfile = "ruby",
  CHANGES = "text",
  NEWS = "text",
  Podfile = "ruby",
  SConscript = "python",
  SQUASH_MSG = "gitcommit",
  TODO = "text",
}

---@param types table<string, string>
---@param pattern string How a file of that type is called.
---@return table<string, string>
local function unknown(types, pattern)
  return vim.iter(types):fold({}, function(found, name, filetype)
    if not vim.filetype.match({ filename = pattern:format(name), contents = {} }) then
      found[name] = filetype
    end
    return found
  end)
end

vim.filetype.add({ extension = unknown(EXTENSIONS, "x.%s"), filename = unknown(NAMES, "%s") })
-- MDX is Markdown with a little JavaScript: show it like that where the parser is installed.
vim.treesitter.language.register("markdown", "mdx")
