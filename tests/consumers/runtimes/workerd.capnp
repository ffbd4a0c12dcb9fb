using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker", esModule = embed "worker.bundle.mjs")],
      compatibilityDate = "COMPATIBILITY_DATE",
      compatibilityFlags = [COMPATIBILITY_FLAGS],
      bindings = [
        (name = "COLLECTOR", text = "SERVERS_URL"),
        (name = "OPENAI_API_KEY", text = "sk-test"),
        (name = "OPENAI_BASE_URL", text = "SERVERS_URL/v1"),
        (name = "CMDRDATA_API_KEY", text = "tk-0123456789abcdefghij"),
        (name = "CMDRDATA_ENDPOINT", text = "SERVERS_URL/api/events"),
      ],
    )),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
