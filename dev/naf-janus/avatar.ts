/** networked-aframe's part that this page needs. */
declare const NAF: { schemas: { add(schema: object): void } };

interface Entity extends Element {
  readonly object3D: {
    readonly position: {
      readonly x: number;
      readonly z: number;
      set(x: number, y: number, z: number): void;
    };
  };
  readonly components: {
    readonly 'look-controls': { readonly yawObject: { readonly rotation: { y: number } } };
  };
}

/** What the others are told of an avatar: where it is, where it looks, and its colour. */
NAF.schemas.add({
  template: '#avatar-template',
  components: [
    'position',
    'rotation',
    { selector: '.head', component: 'material', property: 'color' },
    { selector: '.body', component: 'material', property: 'color' },
  ],
});

/** How far from the middle one stands and walks, in m. */
const walkRadius = 2.5;

const me = (): Entity => document.querySelector<Entity>('#me')!;

/** Gives the own avatar a place and a colour of its own, by name. */
export function dress(name: string): void {
  const number = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  for (const part of me().children) {
    if (part.matches('.head, .body')) part.setAttribute('material', `color: hsl(${number}, 60%, 50%)`);
  }
  stand((number / 180) * Math.PI, walkRadius);
}

/** Stands on a circle around the middle, looking at it. */
function stand(angle: number, radius: number): void {
  me().object3D.position.set(radius * Math.sin(angle), 1.5, radius * Math.cos(angle));
  me().components['look-controls'].yawObject.rotation.y = angle;
}

/** Walks in circles while the button is pressed, from where one stands. */
export function walkWhilePressed(button: HTMLButtonElement): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  button.addEventListener('click', () => {
    const walks = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(walks));
    clearInterval(timer);
    if (walks) {
      timer = setInterval(() => {
        const { x, z } = me().object3D.position;
        const radius = Math.hypot(x, z);
        stand(Math.atan2(x, z) + 0.03, radius + (walkRadius - radius) / 20);
      }, 50);
    }
  });
}
