package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// entries are what the file that -health names says of every volume: a JSON list of [status, reason, message]. It is read at each call.
func (d *driver) entries() []*csi.VolumeHealth_VolumeHealthEntry {
	var said [][3]string
	if text, err := os.ReadFile(d.health); err == nil {
		_ = json.Unmarshal(text, &said)
	}
	entries := []*csi.VolumeHealth_VolumeHealthEntry{}
	for _, one := range said {
		kind := csi.VolumeHealthErrorType(csi.VolumeHealthErrorType_value[one[0]])
		entries = append(entries, &csi.VolumeHealth_VolumeHealthEntry{Status: kind, Reason: one[1], Message: one[2]})
	}
	return entries
}

func (d *driver) ControllerListVolumeHealth(context.Context, *csi.ControllerListVolumeHealthRequest) (*csi.ControllerListVolumeHealthResponse, error) {
	answer := &csi.ControllerListVolumeHealthResponse{}
	folders, _ := os.ReadDir(d.volumes)
	for _, folder := range folders {
		if entries := d.entries(); folder.IsDir() && len(entries) > 0 {
			answer.Entries = append(answer.Entries, &csi.VolumeHealth{VolumeId: folder.Name(), HealthStatuses: entries})
		}
	}
	return answer, nil
}

func (d *driver) ControllerGetVolumeHealth(_ context.Context, r *csi.ControllerGetVolumeHealthRequest) (*csi.ControllerGetVolumeHealthResponse, error) {
	return &csi.ControllerGetVolumeHealthResponse{VolumeHealth: &csi.VolumeHealth{VolumeId: r.VolumeId, HealthStatuses: d.entries()}}, nil
}

func (d *driver) NodeGetVolumeHealth(_ context.Context, r *csi.NodeGetVolumeHealthRequest) (*csi.NodeGetVolumeHealthResponse, error) {
	if !isMounted(r.VolumePublishPath) || !isMounted(r.StagingTargetPath) {
		return nil, status.Error(codes.NotFound, "the volume is not in use here")
	}
	return &csi.NodeGetVolumeHealthResponse{VolumeHealth: &csi.VolumeHealth{VolumeId: r.VolumeId, HealthStatuses: d.entries()}}, nil
}

// placesLeft counts what the file that -places names has more places than there are attached disks; without the file there is always one.
func (d *driver) placesLeft() int {
	text, err := os.ReadFile(d.places)
	if err != nil {
		return 1
	}
	places, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	attached, _ := filepath.Glob(d.attachedTo("*"))
	return places - len(attached)
}

// limitNow is what NodeGetInfo says: the places, where a file says how many there are.
func (d *driver) limitNow() int64 {
	if text, err := os.ReadFile(d.places); err == nil {
		if places, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
			return places
		}
	}
	return d.limit
}
