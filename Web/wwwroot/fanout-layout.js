/** Where things stand in the picture of the system. */

/** How large a replica is: its name and the number of its streams have room. */
export const RADIUS = 43;
/** Below this width the replicas stand in a row under Redis, and everything is smaller. */
const NARROW = 620;
/** The angle between one seed of a sunflower and the next: dots placed by it fill a ring evenly, however many they are. */
const GOLDEN = 2.399963;

/**
 * Gives each replica its place (`tx`, `ty`), and tells where the publisher and Redis are.
 * @param {object[]} replicas
 * @param {{ width: number, height: number }} size
 */
export function placeReplicas(replicas, { width, height }) {
  const middle = width / 2;
  if (width < NARROW) {
    replicas.forEach((replica, i) => {
      replica.tx = (width * (i + 0.5)) / replicas.length;
      replica.ty = height - 78;
    });
    // A replica and a dozen viewers around it have room beside each other.
    const scale = Math.min(0.76, width / (150 * Math.max(replicas.length, 3)));
    return { publisher: { x: middle, y: 34 }, redis: { x: middle, y: 136 }, scale };
  }
  const redis = { x: middle, y: height * 0.47 };
  const [across, down] = [Math.min(middle - 105, 340), height - 100 - redis.y];
  replicas.forEach((replica, i) => {
    // Around Redis, beginning and ending beside the publisher, which is above it.
    const angle = -Math.PI / 2 + (2 * Math.PI * (i + 1)) / (replicas.length + 1);
    replica.tx = redis.x + across * Math.cos(angle);
    replica.ty = redis.y + down * Math.sin(angle);
  });
  return { publisher: { x: middle, y: 38 }, redis, scale: replicas.length > 5 ? 0.8 : 1 };
}

/**
 * Gives the viewers of a replica their places (`tx`, `ty`) around it.
 * @param {object[]} viewers  in an order that stays
 */
export function placeViewers(viewers, replica, scale) {
  const [inner, distance] = [(RADIUS + 15) * scale, 14.5 * scale];
  viewers.forEach((viewer, i) => {
    const radius = Math.sqrt(inner * inner + i * distance * distance * 0.42);
    viewer.tx = replica.tx + radius * Math.cos(i * GOLDEN);
    viewer.ty = replica.ty + radius * Math.sin(i * GOLDEN);
  });
}
