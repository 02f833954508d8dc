# The image of every service: `docker build --tag mintage .`
# The last stage holds the program, the libraries it was linked with, and nothing else: no shell, no package manager.
# It is made from the build stage and not from a minimal image of others, so that the C library is the one it was linked
# with, and so that there is one image to keep up to date.
FROM rust:1.95-trixie AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package mintage --bin mintage && \
    deploy/rootfs target/release/mintage /rootfs

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="mintage" \
      org.opencontainers.image.description="Issues and signs access tokens for machines" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /rootfs /
# A number, so that Kubernetes can tell that it is not root.
USER 65532:65532
# OAuth in plain text, TLS for the public, mutual TLS between services, probes.
EXPOSE 8080 8443 9443 9100
ENTRYPOINT ["/usr/bin/mintage"]
