# The image that `npm run image` makes without Docker, in the same layout: docker buildx build --platform linux/amd64,linux/arm64 .
# Give both as digests (--build-arg NODE=node@sha256:… --build-arg BASE=…@sha256:…) where the same build has to come out again;
# a BASE that has only the C and C++ libraries of Debian 12 (distroless calls it cc) leaves shell and tools out.
ARG NODE=node:24.21.0-bookworm-slim
ARG BASE=${NODE}

# The bundles are the same for every architecture: made once, where the builder is.
FROM --platform=$BUILDPLATFORM ${NODE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY scripts ./scripts
COPY src ./src
RUN npm run build

FROM ${NODE} AS node

FROM ${BASE}
COPY --from=node --chmod=0755 /usr/local/bin/node /nodejs/bin/node
COPY --from=build --chmod=0644 /src/dist/countersign.cjs /src/dist/agent.cjs /app/
ENV NODE_ENV=production
LABEL org.opencontainers.image.title="countersign" org.opencontainers.image.licenses="Apache-2.0"
USER 65532:65532
WORKDIR /
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=4", "/app/countersign.cjs"]
