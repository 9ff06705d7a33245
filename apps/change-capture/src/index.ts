export { changeCaptureService } from './change-capture.service.js';
export { changeCaptureConfig, type ChangeCaptureConfig } from './change-capture.config.js';
export type { CaptureState, CaptureStatus } from './capturer/capture-status.js';
