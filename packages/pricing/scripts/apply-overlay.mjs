/**
 * Puts the overlay's prices to the models they are for.
 *
 * Promise: nothing of the overlay is dropped in silence: a model that is not there, a unit that has a price already, half
 * of an odd number of pico-dollars fail.
 */
import { models as newModels, overlayUnits, regional, tiers, tools, units } from "./openai-overlay.mjs";
import { picoUsd } from "./pico-usd.mjs";

/** @returns the overlay's own models, then the given ones with what the overlay adds to them */
export function applyOverlay(given, provider) {
  const own = newModels.map((model) => ({
    provider,
    id: model.id,
    match: model.match,
    rows: Object.entries(model.byTier)
      .flatMap(([tier, prices]) => rowsOfTier(tier, prices, model.source))
      .map((each) => ({ ...each, effectiveFrom: model.from ?? null, effectiveTo: model.to ?? null })),
  }));
  const all = [...own, ...given.map((model) => ({ ...model, rows: [...model.rows] }))];
  const find = (id) =>
    all.find((model) => model.id === id) ?? fail(`the overlay has a price of ${id}, the book no such model`);
  for (const entry of units) addUnits(entry, find);
  for (const entry of tiers) addTier(entry, find);
  for (const tool of tools) addTool(tool, all);
  const copies = Object.entries(regional.models).map(([id, names]) => regionalCopy(find(id), names));
  return [...copies, ...all];
}

/** What the model itself sells costs a tenth more; fees of tools do not. */
function regionalCopy(model, names) {
  return {
    ...model,
    id: `${model.id}-regional`,
    match: model.match.filter(({ equals }) => names === null || names.includes(equals)).map(regionalMatcher),
    rows: model.rows.map((each) => (each.serviceTier === null ? each : { ...each, ...tenthMore(each, model.id) })),
  };
}

function regionalMatcher({ equals, regex = "" }) {
  if (equals !== undefined) return { equals: `${equals}-regional` };
  return regex.endsWith("$") ? { regex: `${regex.slice(0, -1)}-regional$` } : fail("expected a matcher of whole names");
}

function tenthMore({ picoUsdPerUnit, unit }, id) {
  if (picoUsdPerUnit % 10 !== 0) fail(`${id}: a tenth of ${unit} is no whole number`);
  return { picoUsdPerUnit: (picoUsdPerUnit / 10) * 11, source: regional.source };
}

function rowsOfTier(serviceTier, { atMost = null, ...prices }, source) {
  return Object.entries(prices).map(([name, usd]) =>
    row(name, usd, { serviceTier, source, atMostInputTokens: atMost }),
  );
}

function addUnits({ source, models }, find) {
  for (const [id, prices] of Object.entries(models)) {
    const { rows } = find(id);
    const added = rowsOfTier("default", prices, source);
    const twice = added.find(({ unit }) => rows.some((known) => known.unit === unit));
    if (twice !== undefined) fail(`${id} has a price of ${twice.unit} already`);
    rows.push(...added);
  }
}

function addTier(entry, find) {
  const ids = Array.isArray(entry.models) ? entry.models : Object.keys(entry.models);
  for (const id of ids) {
    const model = find(id);
    if (model.rows.some(({ serviceTier }) => serviceTier === entry.tier))
      fail(`${id} has the tier ${entry.tier} already`);
    const above = thresholdOf(model);
    const added = entry.half === undefined ? published(entry, entry.models[id], above) : halves(entry, model);
    const bound = entry.atMost ?? (entry.shortOnly ? above : null);
    model.rows.push(...added.map((each) => ({ ...each, atMostInputTokens: bound })));
  }
}

/** Half of the ordinary prices of the units, with their dates and, unless only short requests have a price, their sizes. */
function halves({ tier, source, half, shortOnly = false }, model) {
  const wanted = new Set(half.map((name) => overlayUnits[name][0]));
  return model.rows
    .filter(({ unit, serviceTier }) => serviceTier === "default" && wanted.has(unit))
    .filter(({ aboveInputTokens }) => !shortOnly || aboveInputTokens === null)
    .map((each) => {
      if (each.picoUsdPerUnit % 2 !== 0) fail(`${model.id}: half of ${each.unit} is no whole number`);
      return { ...each, serviceTier: tier, picoUsdPerUnit: each.picoUsdPerUnit / 2, source };
    });
}

/** A price for any request, or one for short ones and one above the model's threshold. */
function published({ tier, source, from = null }, prices, above) {
  return Object.entries(prices).flatMap(([name, [short, long]]) => {
    const common = { serviceTier: tier, source, effectiveFrom: from };
    const rows = [row(name, short, common)];
    if (long !== undefined)
      rows.push(row(name, long, { ...common, aboveInputTokens: above ?? fail(`${name}: no threshold`) }));
    return rows;
  });
}

function addTool({ source, unit, usd }, all) {
  for (const { rows } of all) {
    const sellsText = rows.some((each) => each.unit === "output_tokens" && each.picoUsdPerUnit > 0);
    if (sellsText) rows.push(row(unit, usd, { serviceTier: null, source }));
  }
}

function row(name, usd, fields) {
  const [unit, per] = overlayUnits[name] ?? fail(`unknown unit ${name}`);
  return {
    unit,
    serviceTier: null,
    aboveInputTokens: null,
    atMostInputTokens: null,
    effectiveFrom: null,
    effectiveTo: null,
    picoUsdPerUnit: picoUsd(usd, per),
    source: fields.source,
    ...fields,
  };
}

function thresholdOf({ rows }) {
  const thresholds = rows.flatMap(({ aboveInputTokens }) => aboveInputTokens ?? []);
  return thresholds.length === 0 ? null : Math.min(...thresholds);
}

function fail(message) {
  throw new Error(message);
}
