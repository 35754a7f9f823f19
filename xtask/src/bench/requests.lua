-- GETs over kept-alive connections, each with the next token of a file.
-- Arguments: the file ("-" for no token), how many of its lines, and the milliseconds that each
-- connection waits before a request (0: none).

local requests, at = {}, 0

function init(arguments)
  local file, count = arguments[1], tonumber(arguments[2])
  local pause = tonumber(arguments[3])
  if file == "-" then
    requests[1] = wrk.format("GET")
  else
    for token in io.lines(file) do
      if #requests == count then break end
      requests[#requests + 1] = wrk.format("GET", nil, { Authorization = "Bearer " .. token, Host = wrk.headers["Host"] })
    end
  end
  if #requests < count then error("the file has too few tokens") end
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
