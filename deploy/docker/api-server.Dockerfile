# syntax=docker/dockerfile:1
# The API: one program and what it links, no shell, not root. From the root of the repository:
#
#   docker build --file deploy/docker/api-server.Dockerfile --tag drawbridge/api-server .
#
# It runs on a read-only file system; give it a volume at /var/lib/drawbridge only if it keeps a snapshot of the issuer's keys.

FROM rust:1.95-slim-bookworm AS build
# Not pinned: what is mended in Debian has to get in. docs/deploying.md says how to build the same image twice.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libssl-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# No path of the machine that builds ends up in the program. (Not RUSTFLAGS: that would replace what .cargo/config.toml has.)
ENV CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="--remap-path-prefix=/src=. --remap-path-prefix=/usr/local/cargo=cargo" \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS="--remap-path-prefix=/src=. --remap-path-prefix=/usr/local/cargo=cargo"
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package api-server \
    && deploy/docker/rootfs.sh target/release/api-server /image

FROM scratch
COPY --from=build /image /
USER 65532:65532
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    API__SERVER__HOST=0.0.0.0
# The API; and the metrics, where API__METRICS__ADDRESS is 0.0.0.0:9100.
EXPOSE 8000 9100
ENTRYPOINT ["/usr/local/bin/api-server"]
CMD ["serve"]
