import type { Dice } from './dice.ts';

/** What a vendor may throw: errors, and all that is none. */
const thrown: readonly (() => unknown)[] = [
  () => new Error('The vendor broke'),
  () => new TypeError("Cannot read properties of undefined (reading 'x')"),
  () => new DOMException('The vendor broke', 'InvalidStateError'),
  () => 'the vendor broke',
  () => undefined,
  () => null,
  () => 42,
  () => Symbol('the vendor broke'),
  () => ({ error: { reason: 'the vendor broke' } }),
  () => Object.create(null),
  () => ({
    get name(): string {
      throw new Error('The vendor broke twice');
    },
  }),
  () => ({ name: { toString: null }, error: { reason: Object.create(null) } }),
];

/** Makes methods of a vendor throw. */
export class Brittle {
  readonly #dice: Dice;
  readonly #armed = new Map<string, 'once' | 'always'>();
  /** How often a method has thrown. */
  count = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** The next call of this method throws, or each one. */
  arm(method: string, how: 'once' | 'always'): void {
    this.#armed.set(method, how);
  }

  disarm(): void {
    this.#armed.clear();
  }

  /** Throws where this method was told to. */
  check(method: string): void {
    const how = this.#armed.get(method);
    if (!how) return;
    if (how === 'once') this.#armed.delete(method);
    this.count++;
    throw this.#dice.pick(thrown)();
  }

  /** A subclass whose constructor (`new`) and methods throw when told to. */
  subclass<Class extends new (...values: never[]) => object>(Base: Class, methods: readonly string[]): Class {
    const brittle = this;
    const Sub = class extends (Base as unknown as new (...values: unknown[]) => object) {
      constructor(...values: unknown[]) {
        brittle.check('new');
        super(...values);
      }
    };
    for (const method of methods) {
      const own: unknown = Reflect.get(Base.prototype, method);
      if (typeof own !== 'function') throw new Error(`The vendor has no ${method}.`);
      Object.defineProperty(Sub.prototype, method, {
        configurable: true,
        writable: true,
        value(this: object, ...values: unknown[]) {
          brittle.check(method);
          return Reflect.apply(own, this, values);
        },
      });
    }
    return Sub as unknown as Class;
  }
}
