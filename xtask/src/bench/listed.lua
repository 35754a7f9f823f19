-- Requests over kept-alive connections, as a file lists them, one after the other and again.
-- Arguments: the file, with one request per line: method, path, token and body (or nothing), with
-- tabs between them; how many of its lines; and the milliseconds that each connection waits before
-- a request (0: none).

local requests, at = {}, 0

function init(arguments)
  local file, count = arguments[1], tonumber(arguments[2])
  local pause = tonumber(arguments[3])
  for line in io.lines(file) do
    if #requests == count then break end
    local method, path, token, body = line:match("^(%u+)\t(%S+)\t(%S+)\t(.*)$")
    local headers = { Authorization = "Bearer " .. token, Host = wrk.headers["Host"] }
    if body == "" then
      body = nil
    else
      headers["Content-Type"] = method == "PATCH" and "application/merge-patch+json" or "application/json"
    end
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
  if #requests < count then error("the file has too few requests") end
  if pause > 0 then
    delay = function() return pause end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    "MEASURED requests=%d microseconds=%d p50=%d p99=%d bad=%d",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
