import type { Theme } from 'vitepress';
import { useRoute } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import { nextTick, onMounted, watch } from 'vue';
import './style.css';

export default {
  extends: DefaultTheme,
  setup() {
    const route = useRoute();
    // The theme's start page has no main part, which screen readers jump to.
    const nameMain = () => document.querySelector('.VPContent.is-home')?.setAttribute('role', 'main');
    onMounted(() => watch(() => route.path, () => nextTick(nameMain), { immediate: true }));
  },
} satisfies Theme;
