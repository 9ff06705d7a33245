import { runService } from '@provisor/host';
import { changeCaptureService } from './change-capture.service.js';

runService(changeCaptureService);
