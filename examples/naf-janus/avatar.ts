/** networked-aframe's part that this page needs. */
declare const NAF: { schemas: { add(schema: object): void } };

interface Entity extends Element {
  readonly object3D: { readonly position: { set(x: number, y: number, z: number): void } };
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

const me = (): Entity => document.querySelector<Entity>('#me')!;

/** Gives the own avatar a place and a colour of its own, by name. */
export function dress(name: string): void {
  const number = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  for (const part of me().children) {
    if (part.matches('.head, .body')) part.setAttribute('material', `color: hsl(${number}, 60%, 50%)`);
    // From inside one's own head one sees the others.
    part.setAttribute('visible', 'false');
  }
  const angle = (number / 180) * Math.PI;
  stand(angle);
}

/** Stands on a circle around the middle, looking at it. */
function stand(angle: number): void {
  me().object3D.position.set(4 * Math.sin(angle), 1.5, 4 * Math.cos(angle));
  me().components['look-controls'].yawObject.rotation.y = angle;
}

/** Walks in circles while the button is pressed. */
export function walkWhilePressed(button: HTMLButtonElement): void {
  let angle = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  button.addEventListener('click', () => {
    const walks = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(walks));
    clearInterval(timer);
    if (walks) {
      timer = setInterval(() => {
        angle += 0.03;
        stand(angle);
      }, 50);
    }
  });
}
