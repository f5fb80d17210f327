# The linter for CI: docker build -f .docker/lint.Dockerfile -t grammared .
#                    docker run --rm -v "$PWD:/work:ro" grammared lint .
FROM python:3.12-slim AS build
COPY . /source
RUN pip install --no-cache-dir --prefix=/installed /source

FROM python:3.12-slim
COPY --from=build /installed /usr/local
RUN useradd --create-home --uid 10001 grammared
USER 10001
WORKDIR /work
ENTRYPOINT ["grammared"]
CMD ["--help"]
