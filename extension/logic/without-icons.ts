// Texts of others for lists, which make icons of `$(name)`. Pure.
export function withoutIcons(text: string): string {
  return text.replaceAll('$(', '$ (');
}
