# A small image without a shell: the binary and certificates, run by a user without rights. Mapping
# files are mounted; `leadhook init` writes them. Build arguments let a registry mirror or a base image of your own stand in.
ARG BUILD_IMAGE=docker.io/library/rust:1-bookworm
ARG RUN_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
# Dependencies first, under an empty program: they are built again only when these two change.
COPY Cargo.toml Cargo.lock ./
RUN mkdir src && echo 'fn main() {}' > src/main.rs && touch src/lib.rs \
    && cargo build --locked --release
COPY . .
# Touched: sources from before the empty program's build would pass for built already.
RUN touch src/main.rs src/lib.rs \
    && cargo build --locked --release \
    && install -D target/release/leadhook /out/usr/local/bin/leadhook \
    && install -d -m 0700 /out/data \
    && install -d -m 0755 /out/mappings

FROM ${RUN_IMAGE}
COPY --from=build /out/usr/local/bin/leadhook /usr/local/bin/leadhook
COPY --from=build /out/mappings /mappings
COPY --from=build --chown=65532:65532 /out/data /data
ENV LEADHOOK_LISTEN=0.0.0.0:8080 \
    LEADHOOK_DATABASE_URL=sqlite:/data/leadhook.db \
    LEADHOOK_MAPPINGS=/mappings
WORKDIR /data
USER 65532:65532
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=5s CMD ["/usr/local/bin/leadhook", "health"]
ENTRYPOINT ["/usr/local/bin/leadhook"]
CMD ["serve"]
