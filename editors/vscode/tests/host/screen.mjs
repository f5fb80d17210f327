export const testOnScreen = async () => true;
