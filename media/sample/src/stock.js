// How many of each product are on the shelf.

/** @type {Map<string, number>} */
const shelf = new Map([['tea', 12], ['bread', 4], ['soap', 0]]);

/**
 * @param {string} id
 * @param {number} wanted
 * @returns {boolean}
 */
export function canSell(id, wanted) {
  const left = shelf.get(id);
  return left > wanted;
}

/**
 * @param {string} id
 * @param {number} count
 */
export function take(id, count) {
  debugger;
  shelf.set(id, shelf.get(id) ?? 0 - count);
}
