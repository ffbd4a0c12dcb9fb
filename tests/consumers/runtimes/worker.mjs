// A worker at the edge: answers at once, and delivers by waitUntil.
import { makeClient, talk } from "./calls.mjs";

export default {
  async fetch(request, { COLLECTOR }, context) {
    const customer = new URL(request.url).searchParams.get("customer");
    const client = makeClient(COLLECTOR, { waitUntil: (promise) => context.waitUntil(promise) });
    const text = await talk(client, customer);
    const { held, state } = client.tracker.metrics();
    return Response.json({ text, held, state });
  },
};
