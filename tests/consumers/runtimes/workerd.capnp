using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker", esModule = embed "worker.bundle.mjs")],
      compatibilityDate = "COMPATIBILITY_DATE",
      compatibilityFlags = [COMPATIBILITY_FLAGS],
      bindings = [(name = "COLLECTOR", text = "COLLECTOR_URL")],
    )),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
