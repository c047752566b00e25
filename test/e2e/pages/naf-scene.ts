/** A scene with networked-aframe, and one avatar of one's own in it. */

/** Attributes of the `<a-scene>`. */
export function addScene(attributes: string): HTMLElement {
  const holder = document.createElement('div');
  holder.innerHTML = `
    <a-scene embedded xr-mode-ui="enabled: false" loading-screen="enabled: false"
      renderer="antialias: false; precision: low; maxCanvasWidth: 80; maxCanvasHeight: 60"
      style="width: 80px; height: 60px" ${attributes}>
      <a-entity id="me" camera networked="template: #avatar-template; attachTemplateToLocal: false"></a-entity>
    </a-scene>`;
  const scene = holder.firstElementChild as HTMLElement;
  document.body.append(scene);
  return scene;
}

/** What is on `window` for the tests, whoever connects the scene. */
export interface ScenePage {
  removeScene(): void;
  moveTo(x: number): void;
  /** Where the avatars of the others are. */
  avatars(): number[];
}

interface Avatar extends Element {
  readonly object3D: { readonly position: { readonly x: number } };
}

export const scenePage: ScenePage = {
  removeScene: () => document.querySelector('a-scene')?.remove(),
  moveTo: (x) => document.querySelector('#me')?.setAttribute('position', `${x} 0 0`),
  avatars: () =>
    [...document.querySelectorAll<Avatar>('[networked]:not(#me)')].map(
      ({ object3D }) => Math.round(object3D.position.x * 10) / 10,
    ),
};

/** Plays a sound, so that the browser asks for it. */
export function play(id: string, stream: MediaStream): void {
  const known = document.getElementById(`sound-${id}`);
  const audio =
    known ?? Object.assign(document.createElement('audio'), { id: `sound-${id}`, autoplay: true });
  (audio as HTMLAudioElement).srcObject = stream;
  document.body.append(audio);
}
