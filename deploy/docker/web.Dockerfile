# syntax=docker/dockerfile:1
# The web app with Better Auth. From the root of the repository:
#
#   docker build --file deploy/docker/web.Dockerfile --tag drawbridge/web .
#
# It runs on a read-only file system, with something to write to at /app/services/web/.next/cache.

FROM node:22-bookworm-slim AS build
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1
COPY docs/openapi.json docs/
COPY clients/typescript clients/typescript
COPY services/web services/web
# The client is a folder that the app links: its packages first, then it is built.
RUN --mount=type=cache,target=/root/.npm \
    npm --prefix clients/typescript ci --no-audit --no-fund \
    && npm --prefix clients/typescript run build \
    && npm --prefix services/web ci --no-audit --no-fund \
    && npm --prefix services/web run build \
    && npm --prefix services/web prune --omit=dev \
    && npm --prefix clients/typescript prune --omit=dev

FROM node:22-bookworm-slim
ENV NODE_ENV=production \
    NEXT_TELEMETRY_DISABLED=1
WORKDIR /app
COPY --from=build /app/clients/typescript clients/typescript
COPY --from=build /app/services/web services/web
WORKDIR /app/services/web
USER 1000:1000
EXPOSE 3000
# No npm in between: signals reach the server.
CMD ["node", "node_modules/next/dist/bin/next", "start", "--hostname", "0.0.0.0"]
