-- GETs with tokens that name a new key each time, one that no issuer ever had.
-- Arguments: a file with a good token, whose claims and signature they borrow; how many to send;
-- and the milliseconds that each connection waits before a request (0: none).

local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
local borrowed, wanted = "", 0
sent, answered, refused, failed = 0, 0, 0, 0
first, last = 0, 0

local ffi = require("ffi")
ffi.cdef("typedef struct { long s, us; } when; int gettimeofday(when *, void *);")
local clock = ffi.new("when")

local function microseconds()
  ffi.C.gettimeofday(clock, nil)
  return tonumber(clock.s) * 1e6 + tonumber(clock.us)
end

-- Base64url of a text whose length is a multiple of three.
local function base64url(text)
  return (text:gsub("...", function(three)
    local a, b, c = three:byte(1, 3)
    local bits = a * 65536 + b * 256 + c
    local four = ""
    for place = 18, 0, -6 do
      local six = math.floor(bits / 2 ^ place) % 64
      four = four .. LETTERS:sub(six + 1, six + 1)
    end
    return four
  end))
end

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(arguments)
  local file = io.open(arguments[1])
  borrowed = file:read("*l"):match("^[^.]+(%..+)$")
  file:close()
  wanted = tonumber(arguments[2])
  local pause = tonumber(arguments[3])
  if pause > 0 then
    delay = function() return pause end
  end
end

function request()
  sent = sent + 1
  if sent == 1 then first = microseconds() end
  local header = string.format('{"alg":"EdDSA","kid":"flood-%012d"}', sent)
  header = header .. string.rep(" ", -#header % 3)
  return wrk.format("GET", nil, {
    Authorization = "Bearer " .. base64url(header) .. borrowed,
    Host = wrk.headers["Host"],
  })
end

function response(status)
  answered = answered + 1
  last = microseconds()
  if status == 401 then refused = refused + 1 end
  if status >= 500 then failed = failed + 1 end
  if answered >= wanted then wrk.thread:stop() end
end

function done(summary, latency)
  local totals = { answered = 0, refused = 0, failed = 0 }
  for _, thread in ipairs(threads) do
    for name in pairs(totals) do totals[name] = totals[name] + thread:get(name) end
  end
  local errors, took = summary.errors, 0
  for _, thread in ipairs(threads) do
    took = math.max(took, thread:get("last") - thread:get("first"))
  end
  print(string.format(
    "MEASURED requests=%d microseconds=%d p50=%d p99=%d bad=%d refused=%d failed=%d",
    totals.answered, took, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.timeout, totals.refused, totals.failed))
end
