-- A user of Neovim's own LSP client, by script: reviews a file, takes a finding's edit from the code action menu, has a model fix
-- another, and leaves. Each step is a line of JSON on standard output, after a line end and an @. Run: nvim --clean --headless -c 'luafile …'
-- FILE: what to open. SERVER: the server's command line as JSON. TURN: a folder; step N waits there for a file named N.

local lines_from = vim.api.nvim_buf_get_lines
local step_limit_ms = 60000

local function say(event, fields)
  io.stdout:write('\n@' .. vim.json.encode(vim.tbl_extend('force', { event = event }, fields or {})) .. '\n')
  io.stdout:flush()
end

local function wait_for(what, condition)
  if not vim.wait(step_limit_ms, condition, 20) then error('waited in vain for ' .. what) end
end

local function wait_for_turn(step)
  wait_for('turn ' .. step, function() return vim.fn.filereadable(vim.env.TURN .. '/' .. step) == 1 end)
end

local function ours(buffer)
  return vim.tbl_filter(function(diagnostic) return diagnostic.source == 'switchyard' end, vim.diagnostic.get(buffer))
end

local function text(buffer) return table.concat(lines_from(buffer, 0, -1, false), '\n') end

-- Opens the client's own menu at a diagnostic and takes the first action that `wanted` accepts.
local function take_action(buffer, diagnostic, wanted)
  vim.api.nvim_win_set_cursor(0, { diagnostic.lnum + 1, diagnostic.col })
  local offered, chosen = {}, nil
  vim.ui.select = function(items, _, on_choice)
    local choice
    for _, item in ipairs(items) do
      local action = item.action or item[2] -- Neovim 0.7 offers {client id, action}
      table.insert(offered, action.title)
      if not choice and wanted(action) then choice, chosen = item, action end
    end
    on_choice(choice)
  end
  local before = text(buffer)
  vim.lsp.buf.code_action()
  wait_for('a changed buffer; offered: ' .. vim.inspect(offered), function() return text(buffer) ~= before end)
  say('action', { title = chosen.title, offered = offered, text = text(buffer) })
end

local function start(buffer)
  local attached
  local options = {
    name = 'switchyard',
    cmd = vim.json.decode(vim.env.SERVER),
    root_dir = vim.fn.fnamemodify(vim.env.FILE, ':p:h:h'),
    on_init = function(client, result)
      attached = client
      local switchyard = result.capabilities.experimental.switchyard
      say('attached', { pid = switchyard.pid, wire = switchyard.wire, server = result.serverInfo.name })
    end,
    on_exit = function(code) say('server-exit', { code = code }) end,
  }
  local id = vim.lsp.start and vim.lsp.start(options, { bufnr = buffer }) or vim.lsp.start_client(options)
  vim.lsp.buf_attach_client(buffer, id)
  wait_for('the server', function() return attached ~= nil end)
  return attached
end

local function review(client, buffer)
  local answer
  local arguments = { { uri = vim.uri_from_bufnr(buffer) } }
  client.request('workspace/executeCommand', { command = 'switchyard.review', arguments = arguments }, function(failure, result)
    answer = { failure = failure and failure.message, result = result }
  end, buffer)
  wait_for('the review', function() return answer ~= nil end)
  say('reviewed', answer)
  wait_for('diagnostics', function() return #ours(buffer) > 0 end)
  say('diagnostics', { list = vim.tbl_map(function(diagnostic)
    return { line = diagnostic.lnum, message = diagnostic.message, source = diagnostic.source }
  end, ours(buffer)) })
end

local function find(buffer, part)
  local found
  wait_for('a diagnostic that says ' .. part, function()
    found = vim.tbl_filter(function(diagnostic) return diagnostic.message:find(part, 1, true) ~= nil end, ours(buffer))[1]
    return found ~= nil
  end)
  return found
end

local function main()
  vim.cmd('edit ' .. vim.fn.fnameescape(vim.env.FILE))
  local buffer = vim.api.nvim_get_current_buf()
  vim.bo[buffer].filetype = 'typescript'
  local client = start(buffer)
  wait_for_turn('review')
  review(client, buffer)
  take_action(buffer, find(buffer, vim.env.WITH_EDIT), function(action) return action.edit ~= nil end)
  take_action(buffer, find(buffer, vim.env.WITH_MODEL), function(action) return action.title:find('^Fix with Switchyard:') ~= nil end)
  wait_for_turn('leave')
  client.stop()
  wait_for('the end of the server', function() return client.is_stopped() end)
  say('left')
end

local ok, failure = pcall(main)
if not ok then
  say('failed', { message = tostring(failure) })
  vim.cmd('cquit')
end
vim.cmd('qall!')
