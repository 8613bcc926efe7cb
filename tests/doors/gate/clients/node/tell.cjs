// Tells the six calls by one of the clients, and what became of them:
//   node tell.cjs '{"client": "segment", "url": "http://…", "key": "…", "gzip": true}'
const given = JSON.parse(process.argv[2]);
const failed = [];

const makers = {
  segment: () => segment(require("@segment/analytics-node").Analytics),
  "segment 1": () => segment(require("segment-analytics-node-1").Analytics),
  "segment 5": () => {
    const Analytics = require("analytics-node-5");
    return older(
      new Analytics(given.key, {
        host: given.url,
        flushAt: 6,
        errorHandler: (error) => failed.push(String(error)),
      }),
    );
  },
  rudder: () => {
    const Analytics = require("@rudderstack/rudder-sdk-node");
    return older(
      new Analytics(given.key, {
        dataPlaneUrl: given.url,
        gzip: given.gzip,
        flushAt: 6,
        logLevel: "error",
        errorHandler: (error) => failed.push(String(error)),
      }),
    );
  },
};

function segment(Analytics) {
  const to = new Analytics({ writeKey: given.key, host: given.url, flushAt: 6 });
  to.on("error", (error) => failed.push(String(error.reason || error.code)));
  return { to, end: () => to.closeAndFlush() };
}

function older(to) {
  return { to, end: () => to.flush() };
}

async function main() {
  const { to, end } = makers[given.client]();
  to.identify({ userId: "דנה", traits: { email: "dana@example.com", plan: 3 } });
  to.track({ userId: "דנה", event: "Bought", properties: { price: 12.5 } });
  to.page({ userId: "דנה", name: "Home", properties: { url: "https://x.example/" } });
  to.screen({ userId: "דנה", name: "Menu", properties: { dark: true } });
  to.group({ userId: "דנה", groupId: "g1", traits: { name: "Żółw" } });
  to.alias({ userId: "דנה", previousId: "before" });
  try {
    await end();
  } catch (error) {
    failed.push(String(error));
  }
}

process.on("unhandledRejection", (error) => failed.push(String(error)));
// The process ends by itself once the client has nothing more to send.
process.on("exit", () => console.log(JSON.stringify(failed)));
main();
