# Debian, since the Temporal SDK's native core has no build for musl (Alpine).
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

FROM ${NODE_IMAGE}
# Node.js brings its own certificates; the native core reads the system's.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o node -g node /data /data/archives \
    && ln -s /app/bin/archivist.js /usr/local/bin/archivist
WORKDIR /app
COPY package.json ./
COPY bin bin
COPY deploy/health.js deploy/health.js
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
ENV NODE_ENV=production ARCHIVIST_CONFIG=/etc/archivist/archivist.yaml
# By number, so that Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 8080
# Right for the gateway; whoever runs another command gives another address.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["node", "/app/deploy/health.js", "http://127.0.0.1:8080/livez"]
ENTRYPOINT ["archivist"]
CMD ["--help"]
