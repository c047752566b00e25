/**
 * Binds the public members of an object to it, so that they work through a proxy (Vue's `ref` and `reactive`, Pinia), which
 * private members do not survive, and when they are taken off the object.
 *
 * @param inner - members that are called inside only, and stay as they are
 */
export function bindMembers(target: object, inner: readonly string[]): void {
  for (
    let proto = Object.getPrototypeOf(target);
    proto !== Object.prototype;
    proto = Object.getPrototypeOf(proto)
  ) {
    for (const [name, { value, get }] of Object.entries(Object.getOwnPropertyDescriptors(proto))) {
      if (name === 'constructor' || inner.includes(name) || Object.hasOwn(target, name)) continue;
      const bound = get ? { get: get.bind(target) } : { value: value.bind(target), writable: true };
      Object.defineProperty(target, name, { ...bound, configurable: true });
    }
  }
}
