/* In place of libnvidia-ml.so.1: GPUs as a file lists them, one of these on each line:
 *   driver VERSION
 *   gpu ERROR MINOR SPLIT TOTAL USED UUID NAME...           minor -1: not supported; split -1: not supported
 *   part GPU PLACE TOTAL USED GI CI UUID NAME...
 * ERROR is what the GPU's handle is refused with. The file is the one that STAND_IN_GPUS names, or /etc/stand-in-gpus. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 16
struct device { int error, minor, split, gpu, place, gi, ci; unsigned long long total, used; char uuid[96], name[96]; };
static struct device gpus[MOST], parts[MOST];
static int gpu_count, part_count, init_error;
static char driver[96];

int nvmlInit_v2(void) {
    char line[512];
    const char *path = getenv("STAND_IN_GPUS");
    FILE *file = fopen(path ? path : "/etc/stand-in-gpus", "r");
    gpu_count = part_count = init_error = 0;
    if (!file) return 9;
    while (fgets(line, sizeof line, file)) {
        struct device one;
        memset(&one, 0, sizeof one);
        line[strcspn(line, "\n")] = 0;
        if (sscanf(line, "driver %95s", driver) == 1) continue;
        if (sscanf(line, "broken %d", &init_error) == 1) continue;
        if (sscanf(line, "gpu %d %d %d %llu %llu %95s %95[^\n]", &one.error, &one.minor, &one.split, &one.total, &one.used,
                   one.uuid, one.name) == 7)
            gpus[gpu_count++] = one;
        if (sscanf(line, "part %d %d %llu %llu %d %d %95s %95[^\n]", &one.gpu, &one.place, &one.total, &one.used, &one.gi,
                   &one.ci, one.uuid, one.name) == 8)
            parts[part_count++] = one;
    }
    fclose(file);
    return init_error;
}
int nvmlShutdown(void) { return 0; }
const char *nvmlErrorString(int code) {
    return code == 15 ? "GPU is lost" : code == 9 ? "Driver Not Loaded" : code == 3 ? "Not Supported" : "Unknown Error";
}
static int put(const char *text, char *buffer, unsigned size) {
    if (strlen(text) >= size) return 7;
    strcpy(buffer, text);
    return 0;
}
int nvmlSystemGetDriverVersion(char *buffer, unsigned size) { return put(driver, buffer, size); }
int nvmlDeviceGetCount_v2(unsigned *count) { return *count = gpu_count, 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, struct device **found) {
    return *found = &gpus[index], gpus[index].error;
}
int nvmlDeviceGetUUID(struct device *one, char *buffer, unsigned size) { return put(one->uuid, buffer, size); }
int nvmlDeviceGetName(struct device *one, char *buffer, unsigned size) { return put(one->name, buffer, size); }
int nvmlDeviceGetMemoryInfo(struct device *one, unsigned long long *total_free_used) {
    total_free_used[0] = one->total, total_free_used[1] = one->total - one->used, total_free_used[2] = one->used;
    return 0;
}
int nvmlDeviceGetMinorNumber(struct device *one, unsigned *minor) {
    return one->minor < 0 ? 3 : (*minor = one->minor, 0);
}
int nvmlDeviceGetMigMode(struct device *one, unsigned *now, unsigned *after_reset) {
    return one->split < 0 ? 3 : (*now = *after_reset = one->split, 0);
}
int nvmlDeviceGetMaxMigDeviceCount(struct device *one, unsigned *most) { return *most = 7, 0; }
int nvmlDeviceGetMigDeviceHandleByIndex(struct device *one, unsigned place, struct device **found) {
    for (int i = 0; i < part_count; i++)
        if (&gpus[parts[i].gpu] == one && parts[i].place == (int)place) return *found = &parts[i], 0;
    return 6;
}
int nvmlDeviceGetGpuInstanceId(struct device *one, unsigned *id) { return *id = one->gi, 0; }
int nvmlDeviceGetComputeInstanceId(struct device *one, unsigned *id) { return *id = one->ci, 0; }
