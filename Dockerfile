# The image that `npm run image` makes without Docker, in the same layout.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY scripts ./scripts
COPY src ./src
RUN npm run build

FROM gcr.io/distroless/nodejs24-debian12:nonroot
COPY --from=build --chmod=0644 /src/dist/countersign.cjs /src/dist/agent.cjs /app/
ENV NODE_ENV=production
USER 65532:65532
WORKDIR /
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=1", "/app/countersign.cjs"]
