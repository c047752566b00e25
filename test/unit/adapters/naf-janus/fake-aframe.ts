type Value = string | number | boolean;
type Data = Record<string, Value>;

interface Definition {
  readonly schema: Readonly<Record<string, { readonly default: Value }>>;
  init?(): void;
  remove?(): void;
}

interface Component {
  readonly el: FakeScene;
  data: Data;
  init?(): void;
  remove?(): void;
}

/** The registry of the page's A-Frame: a scene of any test finds its components here. */
const definitions: Record<string, Definition> = {};

/** As much of A-Frame as components on a scene need; the real one needs WebGL. */
export class FakeAFrame {
  readonly components = definitions;

  readonly registerComponent = (name: string, definition: Definition): void => {
    if (definitions[name]) throw new Error(`The component ${name} has been already registered.`);
    definitions[name] = definition;
  };
}

/** `a: 1; b: c` */
function parse(attribute: string): Data {
  const pairs = attribute.split(';').flatMap((pair) => {
    const at = pair.indexOf(':');
    return at < 0 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()]];
  });
  return Object.fromEntries(pairs);
}

/**
 * `<a-scene>`: makes its components in the order of its attributes some time after it was added to the page, and then says
 * `loaded`; with the attribute `slow` not before `load()`. Taken out of the page it removes them, and keeps them in
 * `components`, as A-Frame does.
 */
export class FakeScene extends HTMLElement {
  readonly components: Record<string, Component | undefined> = {};
  hasLoaded = false;

  connectedCallback(): void {
    if (!this.hasAttribute('slow')) Promise.resolve().then(() => this.load());
  }

  disconnectedCallback(): void {
    for (const component of Object.values(this.components)) component?.remove?.();
    this.hasLoaded = false;
  }

  load(): void {
    if (this.hasLoaded || !this.isConnected) return;
    for (const { name, value } of [...this.attributes]) this.#update(name, value);
    this.hasLoaded = true;
    this.emit('loaded', undefined, false);
  }

  emit(name: string, detail?: unknown, bubbles = true): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles }));
  }

  override setAttribute(name: string, value: string | Data): void {
    if (!definitions[name]) return super.setAttribute(name, value as string);
    if (!this.components[name] && this.hasAttribute(name))
      this.#update(name, this.getAttribute(name) as string);
    this.#update(name, value);
    if (!this.hasAttribute(name)) super.setAttribute(name, '');
  }

  override removeAttribute(name: string): void {
    this.components[name]?.remove?.();
    delete this.components[name];
    super.removeAttribute(name);
  }

  #update(name: string, value: string | Data): void {
    const definition = definitions[name];
    if (!definition) return;
    const given = typeof value === 'string' ? parse(value) : value;
    const known = this.components[name];
    const data: Data = {};
    for (const [property, { default: usual }] of Object.entries(definition.schema)) {
      const text = given[property] ?? known?.data[property] ?? usual;
      data[property] = typeof usual === 'boolean' ? `${text}` === 'true' : text;
    }
    if (known) {
      known.data = data;
      return;
    }
    const component: Component = Object.assign(Object.create(definition), { el: this, data });
    this.components[name] = component;
    component.init?.();
  }
}

customElements.define('a-scene', FakeScene);
