// Many SSE clients in one thread. The delay of an event is now minus the "timestamp" (Unix ms) in its data.
// usage: sse_clients PORT PATH CLIENTS SECONDS STALLED     the last STALLED clients connect and never read
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct client { int fd; size_t have; char buffer[32768]; };

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int by_value(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

int main(int argc, char** argv) {
  if (argc < 6) return 2;
  int port = atoi(argv[1]), clients = atoi(argv[3]), stalled = atoi(argv[5]);
  double seconds = atof(argv[4]);
  struct rlimit files = {65536, 65536};
  setrlimit(RLIMIT_NOFILE, &files);
  int poll = epoll_create1(0);
  struct client* all = calloc(clients, sizeof *all);
  for (int i = 0; i < clients; i++) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(fd, (struct sockaddr*)&to, sizeof to)) { perror("connect"); return 3; }
    char request[512];
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", argv[2]);
    if (write(fd, request, length) != length) return 3;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    all[i].fd = fd;
    if (i >= clients - stalled) continue;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
  }
  double start = now_ms() + 1500, end = start + seconds * 1e3;
  size_t capacity = (size_t)(clients * (seconds + 1) * 40) + 1000, count = 0, closed = 0;
  double* delays = malloc(capacity * sizeof *delays);
  while (now_ms() < end) {
    struct epoll_event events[512];
    int ready = epoll_wait(poll, events, 512, 50);
    for (int i = 0; i < ready; i++) {
      struct client* c = events[i].data.ptr;
      for (;;) {
        ssize_t got = read(c->fd, c->buffer + c->have, sizeof c->buffer - c->have - 1);
        if (got < 0 && errno == EAGAIN) break;
        if (got <= 0) { closed++; close(c->fd); break; }
        double at = now_ms();
        c->have += got;
        c->buffer[c->have] = 0;
        char *from = c->buffer, *stop;
        while ((stop = memmem(from, c->buffer + c->have - from, "\n\n", 2))) {
          char* stamp = memmem(from, stop - from, "\"timestamp\":", 12);
          if (stamp && at >= start && count < capacity) delays[count++] = at - strtod(stamp + 12, NULL);
          from = stop + 2;
        }
        c->have -= from - c->buffer;
        memmove(c->buffer, from, c->have);
        if (c->have >= sizeof c->buffer - 1) c->have = 0;
      }
    }
  }
  qsort(delays, count, sizeof *delays, by_value);
  printf("{\"events\":%zu,\"closed\":%zu,\"p50_ms\":%.1f,\"p99_ms\":%.1f}\n", count, closed, count ? delays[count / 2] : 0, count ? delays[(size_t)((count - 1) * 0.99)] : 0);
  return 0;
}
